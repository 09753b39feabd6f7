import { expect, test } from 'vitest';
import { fail, inconclusive, pass, skip, warn } from '../../src/core/verdict.js';
import { displayWidth } from '../../src/ui/display-width.js';
import { doctorLines } from '../../src/ui/doctor-screen.js';
import { plainStyle } from '../../src/ui/style.js';

const rows = [
  { name: 'ready', verdict: pass('ready, 4 ms') },
  { name: 'clock', verdict: skip('nothing here can tell') },
  {
    name: 'signing',
    verdict: warn('reports stay unsigned: the target names no key', { hint: 'routerctl key generate --identity you@example.org' }),
  },
  { name: 'models', verdict: inconclusive('no answer within 5000 ms', { details: ['asked twice'], hint: 'Is the router overloaded?' }) },
  { name: 'backup', verdict: fail(`this user cannot write in /srv/${'a-long-name/'.repeat(6)}`, { hint: 'change its owner' }) },
];
const screen = (columns: number, verbose = false) =>
  doctorLines({ title: 'gateway', rows, exitCode: 3, next: 'routerctl doctor', verbose }, columns, plainStyle);

test('the worst comes first, each with its fix beneath, and passes are only counted', () => {
  expect(screen(100)).toEqual([
    'gateway',
    '  ✗ backup    this user cannot write in',
    '              /srv/a-long-name/a-long-name/a-long-name/a-long-name/a-long-name/a-long-name/',
    '              fix: change its owner',
    '  ? models    no answer within 5000 ms',
    '              asked twice',
    '              fix: Is the router overloaded?',
    '  ! signing   reports stay unsigned: the target names no key',
    '              fix: routerctl key generate --identity you@example.org',
    '  ✓ 1 more (-v lists them)',
    `  5 findings: 1 failed, 1 not measured, 1 warned, 1 passed, 1 not asked${' '.repeat(23)}exit 3`,
    '  next: routerctl doctor',
  ]);
});

test('with -v everything has its line', () => {
  expect(screen(100, true).filter((line) => /ready, 4 ms|not asked: nothing here can tell/.test(line))).toHaveLength(2);
});

test('on 80 columns only a path runs on', () => {
  const wide = screen(80).filter((line) => displayWidth(line) > 80);

  expect(wide.filter((line) => !line.includes('/srv/'))).toEqual([]);
});
