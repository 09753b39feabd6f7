import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { fail, inconclusive, pass, skip, type Verdict, warn } from '../../src/core/verdict.js';
import { askForName, askYesNo } from '../../src/ui/ask.js';
import { displayWidth, truncate, wrap } from '../../src/ui/display-width.js';
import { bothClocks, count, dollars, span, stopwatch } from '../../src/ui/figures.js';
import { planLines } from '../../src/ui/plan-screen.js';
import { type SmokeRow, smokeLines, smokeQuestion } from '../../src/ui/smoke-screen.js';
import { plainStyle, styleFor } from '../../src/ui/style.js';
import { tableLines } from '../../src/ui/table.js';
import { syntheticPlan } from './synthetic-plan.js';

const row = (name: string, verdict: Verdict): SmokeRow => ({ name, kind: name, verdict, severity: 'required' });

const rows = [
  row('ready', pass('ready (200), 41 ms')),
  row('models', pass('12 models')),
  row('chat', pass('3/3, first token 312 ms')),
  row('version', pass('1.0.0, built 2026-10-01 from commit 0123456789abcdef0123456789abcdef')),
  row('disk-space', warn('71 GB free, 60 GB needed', { hint: 'a second disk for backups' })),
  row('usage-recorded', fail('gpt-5-mini streamed: cost 0, not streamed: $0.00041', { hint: 'look into the log of the router' })),
  row('process', inconclusive('the pid file cannot be read')),
  row('reports', skip('needs --admin env:ROUTER_ADMIN')),
];

for (const columns of [80, 160]) {
  test(`a smoke test says passes side by side and the rest one by one at ${columns} columns`, async () => {
    const lines = smokeLines({ rows, spentUsd: 0.018, tookMs: 6_100, exitCode: 3 }, columns, plainStyle);

    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/screens/smoke.${columns}.txt`);
  });

  test(`a plan shows what will differ and how it is taken back at ${columns} columns`, async () => {
    const input = {
      plan: syntheticPlan(),
      hash: '4f1c9d2e'.repeat(8),
      from: '1.0.0',
      to: '1.1.0',
      downtime: { ms: 2_000, on: '2026-11-20' },
      rollback: 'link and process back to 1.0.0; 21 s in an earlier run',
      byHand: { path: 'ROLLBACK.md', commands: 6 },
      file: 'tonight.plan',
    };

    const lines = planLines(input, columns, plainStyle);

    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/screens/plan.${columns}.txt`);
  });
}

test('a smoke test without a single pass says so instead of staying silent', () => {
  expect(smokeLines({ rows: [row('ready', fail('503'))], spentUsd: null, tookMs: 20, exitCode: 3 }, 80, plainStyle).at(-1)).toMatch(
    /0 passed, 1 failed, 20 ms +exit 3/,
  );
});

test('the question before spending names requests, models, cost and cap', () => {
  const intent = { product: 'router', version: '1.0.0', models: 12, requests: 14, askedModels: 3, aboutUsd: 0.02, capUsd: 0.25 };

  expect(smokeQuestion(intent)).toBe('  router 1.0.0, 12 models. Will send 14 requests to 3 models, about $0.020 (cap $0.25). Go?');
});

test.each([
  ['y\n', 'yes'],
  ['Yes\n', 'yes'],
  ['\n', 'no'],
  ['nope\n', 'no'],
  ['', 'no'],
])('the answer %j is a %s', async (typed, answer) => {
  const input = new PassThrough();
  const output = new PassThrough();
  input.end(typed);

  expect(await askYesNo('Go?', { input, output, isTty: true })).toBe(answer);
  expect(String(output.read())).toBe('Go? [y/N] ');
});

test('production wants its name, not a y', async () => {
  const answerTo = (typed: string) => {
    const input = new PassThrough();
    input.end(typed);
    return askForName('This changes PRODUCTION.', 'router', { input, output: new PassThrough(), isTty: true });
  };

  expect(await answerTo('y\n')).toBe('no');
  expect(await answerTo('router\n')).toBe('yes');
});

test('without a terminal nobody is asked and nothing waits', async () => {
  const output = new PassThrough();

  expect(await askYesNo('Go?', { input: new PassThrough(), output, isTty: false })).toBe('nobody-there');
  expect(output.read()).toBeNull();
});

test('numbers stand to the right, control characters are shown, and no box is drawn', () => {
  const lines = tableLines(
    [{ title: 'kind' }, { title: 'ms', align: 'right' }],
    [
      ['ready', '41'],
      ['a\u001b[2J', '1,200'],
    ],
    plainStyle,
  );

  expect(lines).toEqual(['kind           ms', 'ready          41', 'a\\u001b[2J  1,200']);
});

test.each([
  [{ TERM: 'xterm', LANG: 'C.UTF-8' }, true, { color: true, unicode: true }],
  [{ TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' }, true, { color: false, unicode: true }],
  [{ TERM: 'dumb', LANG: 'en_US.utf8' }, true, { color: false, unicode: true }],
  [{ TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'POSIX' }, true, { color: true, unicode: false }],
  [{ TERM: 'xterm' }, false, { color: false, unicode: false }],
  [{ FORCE_COLOR: '1', LC_CTYPE: 'UTF-8' }, false, { color: true, unicode: true }],
])('the environment %j (terminal: %s) gives %j', (environment, isTty, style) => {
  expect(styleFor(environment, isTty)).toEqual(style);
});

test.each([
  ['plain', 5],
  ['日本', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['✓ ok', 4],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('cutting never splits a wide character and never grows too wide', () => {
  expect(truncate('日本語', 4)).toBe('日…');
  expect(truncate('abc', 3)).toBe('abc');
  expect(truncate('abcd', 3)).toBe('ab…');
  expect(wrap('one two /a/very/long/path three', 9)).toEqual(['one two', '/a/very/long/path', 'three']);
});

test('figures read the same everywhere', () => {
  expect([count(38_114_902), span(41), span(2_400), span(21_000), span(492_000), span(7_500_000)]).toEqual([
    '38,114,902',
    '41 ms',
    '2.4 s',
    '21 s',
    '8 min 12 s',
    '2 h 5 min',
  ]);
  expect([stopwatch(4_000), stopwatch(492_000), stopwatch(3_723_000)]).toEqual(['0:04', '8:12', '1:02:03']);
  expect([dollars(0), dollars(0.00041), dollars(0.018), dollars(0.25), dollars(12)]).toEqual([
    '$0.00',
    '$0.00041',
    '$0.018',
    '$0.25',
    '$12.00',
  ]);
  expect(bothClocks(Date.parse('2026-11-20T02:14:00Z'), 'Europe/Berlin')).toBe('02:14 UTC (03:14 local)');
  expect(bothClocks(Date.parse('2026-11-20T02:14:00Z'), 'UTC')).toBe('02:14 UTC');
});
