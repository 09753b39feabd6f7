// A run whose runner and guard are dead: whoever looks at it is told at once that nobody drives it, and the one command that helps.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-sqlite.js';
import type { RunEvent } from '../../src/core/run-event.js';
import { practicePackage } from '../lab/lab.js';
import { type Operator, operator, said, until } from './operator.js';

let me: Operator;

beforeAll(async () => {
  me = await operator();
  // The middle of a run gets long enough to be ended there.
  await me.lab.setFaults([{ delayMs: 1500 }]);
});
afterAll(async () => me.leave());

function events(run: string): readonly RunEvent[] {
  const journal = readJournal(`${me.runFolder(run)}/journal.sqlite`, run);
  try {
    return journal.read();
  } finally {
    journal.close();
  }
}

function killDrivers(run: string): void {
  for (const event of events(run)
    .filter(({ type }) => type === 'guard-armed' || type === 'lease-taken')
    .toReversed())
    if ('pid' in event.data && typeof event.data.pid === 'number') kill(event.data.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

test('a run that lost its runner and its guard is shown as interrupted, with what to type, and a viewer says so at once', async () => {
  const viewer = me.start('upgrade', '--to', await practicePackage({ version: '1.1.0' }), '-y');
  await said(viewer, /phase 4\/5 validate/);
  const run = me.newestRun();
  killDrivers(run);
  const seen = await viewer.ended;

  expect(seen.code).toBe(5);
  expect(seen.out).toContain(`NEXT      routerctl resume ${run}, or take it back: routerctl resume ${run} --roll-back`);
  expect(seen.err).not.toMatch(/still running|guard is awaited/);
  const attached = await me.routerctl('run', 'attach', run);
  expect(attached.code).toBe(5);
  expect(attached.err).not.toContain('still running');
  const shown = await me.routerctl('run', 'show', run);
  expect(shown.out).toContain('interrupted: nobody drives this run');
  expect(shown.out).toContain(`routerctl resume ${run} --roll-back`);
  expect(shown.out).toMatch(/ \? 4 validate .*its end is not known/);
  expect(shown.out).not.toMatch(/KEYS|CTRL-C|NOTHING NOW|GUARD/);
  expect((await me.routerctl('run', 'list')).out).toMatch(/interrupted/);
});

test('while a guard that lives is awaited, the viewer says so, and it tells the end that the guard makes', async () => {
  expect((await me.routerctl('resume', me.newestRun(), '--roll-back')).code).toBe(4);
  const viewer = me.start('upgrade', '--to', await practicePackage({ version: '1.4.0' }), '-y');
  await said(viewer, /phase 4\/5 validate/);
  const run = me.newestRun();
  const pidOf = (type: 'guard-armed' | 'lease-taken'): number => {
    const found = events(run).find((event) => event.type === type);
    return found !== undefined && 'pid' in found.data ? (found.data.pid as number) : 0;
  };
  process.kill(pidOf('guard-armed'), 'SIGSTOP');
  process.kill(pidOf('lease-taken'), 'SIGKILL');
  await said(viewer, /! nobody drives this run; its guard is awaited/);
  expect((await me.routerctl('run', 'show', run)).out).toContain('its guard is awaited');
  process.kill(pidOf('guard-armed'), 'SIGCONT');
  const { code, err } = await viewer.ended;

  expect(code, err).toBe(4);
  expect(err).toContain('guard drives the run now');
});

test('a held run is listed and shown as held, with the ways out', async () => {
  const viewer = me.start('upgrade', '--to', await practicePackage({ version: '1.3.0' }), '-y');
  await said(viewer, /phase 4\/5 validate/);
  const run = me.newestRun();
  await me.routerctl('run', 'hold', run, '--reason', 'the provider is slow');
  await said(viewer, /HOLD until/);
  await me.lab.setFaults([]);

  expect((await me.routerctl('run', 'list')).out).toMatch(new RegExp(`${run} .* held`));
  const shown = await me.routerctl('run', 'show', run);
  expect(shown.out).toContain('held: a person decides');
  expect(shown.out).toContain(`routerctl run continue ${run}`);
  await me.routerctl('run', 'roll-back', run);
  expect((await viewer.ended).code).toBe(4);
  await until('the run has ended', async () => !(await me.routerctl('run', 'list')).out.includes('held'));
});
