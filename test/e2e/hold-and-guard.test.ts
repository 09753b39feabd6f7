// What happens when the provider breaks, a person has to decide, or the runner dies: one deployment, one run after the other.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { practicePackage } from '../lab/lab.js';
import { type Operator, operator, type Running, type Said, said, setPolicy } from './operator.js';

let me: Operator;
let good = '';
let upgradeUnderWay: Running | null = null;

function upgradeToGood(...more: readonly string[]): Running {
  const upgrade = me.start('upgrade', '--to', good, '-y', ...more);
  upgradeUnderWay = upgrade;
  void upgrade.ended.then(() => {
    upgradeUnderWay = null;
  });
  return upgrade;
}

const everythingBroken = [{ status: 503, body: '{"error":{"message":"overloaded"}}' }];
const report = (runId: string, name = 'report'): string => readFileSync(join(me.runFolder(runId), name, 'report.md'), 'utf8');

interface Listed {
  readonly runId: string;
  readonly state: string;
}
const listed = async (): Promise<readonly Listed[]> => JSON.parse((await me.routerctl('run', 'list', '--json')).out) as Listed[];

/** Pid of the process that executes the newest run, as its journal names it. */
async function runner(): Promise<number> {
  const { out } = await me.routerctl('run', 'show', me.newestRun(), '--json');
  const { events } = JSON.parse(out) as { events: { type: string; data: { pid: number } }[] };
  return events.find(({ type }) => type === 'lease-taken')?.data.pid ?? 0;
}

/** The provider breaks after the preflight, so that the new version and the control fail alike. */
async function upgradeWhileTheProviderBreaks(...more: readonly string[]): Promise<Running> {
  const upgrade = upgradeToGood(...more);
  await said(upgrade, /phase 3\/5 change/);
  await me.lab.setFaults(everythingBroken);
  await said(upgrade, /HOLD until/);
  return upgrade;
}

beforeAll(async () => {
  me = await operator();
  good = await practicePackage({ version: '1.1.0' });
});
afterEach(async () => {
  await me.lab.setFaults([]);
  if (!upgradeUnderWay) return;
  // A story that broke off must not spoil the next one.
  await me.routerctl('run', 'roll-back', me.newestRun());
  await upgradeUnderWay.ended;
});
afterAll(async () => me.leave());

test('a broken provider holds the run instead of rolling back, and a person may roll back: 4', async () => {
  const upgrade = await upgradeWhileTheProviderBreaks();
  const run = me.newestRun();
  expect(upgrade.err()).toMatch(/but the control upstream_after fails too .*the provider may be the cause/);
  expect(upgrade.err()).toContain(`decide: routerctl run continue ${run}, `);
  const running = await listed();
  const shown = await me.routerctl('run', 'show', run);
  const second = await me.routerctl('upgrade', '--to', good, '-y');

  expect(running).toEqual([expect.objectContaining({ runId: run, state: 'held' })]);
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/4 validate/);
  expect(second.code).toBe(6);
  expect(second.err).toMatch(new RegExp(`error: run ${run} holds lab since .*\\n {2}hint: watch it: routerctl run attach ${run}`));

  await me.lab.setFaults([]);
  const told = await me.routerctl('run', 'roll-back', run, '--reason', 'not tonight');
  const { code, out, err } = await upgrade.ended;
  expect(told.code, told.err).toBe(0);
  expect(code, out + err).toBe(4);
  expect(await me.version()).toBe('1.0.0');
  expect(out).toContain('NEXT      nothing.');
  expect(report(run)).toContain('not tonight');
});

test('a hold that nobody answers goes back at its deadline: 4', async () => {
  setPolicy(me.lab, ['hold: 1s']);
  const upgrade = upgradeToGood();
  await said(upgrade, /phase 3\/5 change/);
  await me.lab.setFaults(everythingBroken);
  await said(upgrade, /HOLD until/);
  await me.lab.setFaults([]);
  const { code, out, err } = await upgrade.ended;

  expect(code, out + err).toBe(4);
  expect(await me.version()).toBe('1.0.0');
  expect(report(me.newestRun())).toMatch(/hold ended: deadline/);
  setPolicy(me.lab, []);
});

test('a run that is told to keep ends with 9, and can still be taken back later: 0', async () => {
  const upgrade = await upgradeWhileTheProviderBreaks();
  const run = me.newestRun();
  const told = await me.routerctl('run', 'keep', run, '--reason', 'the provider says it is theirs');
  const { code, out, err } = await upgrade.ended;
  expect(told.code, told.err).toBe(0);
  expect(code, out + err).toBe(9);
  expect(await me.version()).toBe('1.1.0');
  expect(out).toMatch(/KEPT, NOT PROVEN: lab @ \S+/);
  expect(report(run)).toContain('the provider says it is theirs');

  await me.lab.setFaults([]);
  const taken = await me.routerctl('rollback', '-y');
  expect(taken.code, taken.out + taken.err).toBe(0);
  expect(await me.version()).toBe('1.0.0');
});

test('a runner that is killed before anything was changed leaves everything as it is, and says so', async () => {
  await me.lab.setFaults([{ delayMs: 3000 }]);
  const upgrade = upgradeToGood();
  await said(upgrade, /phase 1\/5 preflight/);
  process.kill(await runner(), 'SIGKILL');
  const { code, out } = await upgrade.ended;
  const run = me.newestRun();

  expect(code, out).toBe(143);
  expect(out).toContain(`run ${run} died before anything was changed`);
  expect(await me.version()).toBe('1.0.0');
  expect((await listed())[0]).toMatchObject({ runId: run, state: 'interrupted' });
  const blocked = await me.routerctl('upgrade', '--to', good, '-y');
  expect(blocked.code).toBe(6);
  expect(blocked.err).toContain(`error: run ${run} of lab was interrupted and is not finished`);

  await me.lab.setFaults([]);
  const built = await me.routerctl('report', 'build', run);
  expect(built.code, built.err).toBe(0);
  expect(built.out).toMatch(/UNFINISHED: lab.*; the journal has no end/);
  const ended: Said = await me.routerctl('resume', run, '--roll-back');
  expect(ended.code, ended.out + ended.err).toBe(130);
  expect(ended.out).toMatch(/INTERRUPTED: lab @ \S+; nothing was changed/);
});

test('a run whose process died is taken over by going on with it; one that has ended cannot be', async () => {
  await me.lab.setFaults([{ delayMs: 3000 }]);
  const upgrade = upgradeToGood();
  await said(upgrade, /phase 1\/5 preflight/);
  process.kill(await runner(), 'SIGKILL');
  await upgrade.ended;
  const run = me.newestRun();
  await me.lab.setFaults(everythingBroken);
  me.env['SUDO_USER'] = 'bob';
  const { code, out, err } = await me.routerctl('run', 'take-over', run);
  delete me.env['SUDO_USER'];
  const late = await me.routerctl('run', 'take-over', run);

  expect(code, out + err).toBe(3);
  expect(err).toMatch(/is yours; \S+ answered for it until now/);
  expect(err).toMatch(/bob as \S+ answers for the run now, \S+ did until now/);
  expect(report(run)).toMatch(/\| bob as \S+ took over from \S+ \|/);
  expect(await me.version()).toBe('1.0.0');
  expect(late.code).toBe(6);
  expect(late.err).toContain(`error: run ${run} has ended: there is nothing to take over`);
});

test('a runner that is killed in the middle of the validation is followed by the guard, which goes back: 4', async () => {
  const upgrade = upgradeToGood();
  await said(upgrade, /phase 3\/5 change/);
  await me.lab.setFaults([{ delayMs: 2000 }]);
  await said(upgrade, /phase 4\/5 validate/);
  process.kill(await runner(), 'SIGKILL');
  await me.lab.setFaults([]);
  const run = me.newestRun();
  const attached = me.routerctl('run', 'attach', run);
  const first = await upgrade.ended;
  const second = await attached;

  expect(first.code, first.out + first.err).toBe(4);
  expect(second.code, second.out + second.err).toBe(4);
  expect(await me.version()).toBe('1.0.0');
  expect(first.err).toMatch(/guard drives the run now, pid \d+: /);
  expect(first.out).toMatch(/why {7}the process that executed the run died/);
  expect(first.out).not.toContain('marked bad');
});

test('a held run goes on when the provider is repaired and a person says so: 0, and a version that was bad is bad no longer', async () => {
  const marks = join(me.lab.home, '.routerctl', 'bad-versions.json');
  const mark = (version: string) => ({
    component: 'router',
    version,
    runId: me.newestRun(),
    why: 'streams were cut',
    at: '2026-01-01T00:00:00Z',
  });
  writeFileSync(marks, JSON.stringify([mark('1.1.0'), mark('1.0.9')]));
  const upgrade = await upgradeWhileTheProviderBreaks('--despite-bad', 'fixed by its provider');
  const run = me.newestRun();
  await me.lab.setFaults([]);
  const onlooker = me.start('run', 'attach', run);
  await said(onlooker, /HOLD until/);
  onlooker.child.kill('SIGTERM');
  const left = await onlooker.ended;
  me.env['SUDO_USER'] = 'bob';
  const second = me.start('run', 'take-over', run);
  delete me.env['SUDO_USER'];
  await said(second, /is yours; \S+ answered for it until now/);
  await said(second, /bob as \S+ answers for the run now/);
  const told = await me.routerctl('run', 'continue', run, '--reason', 'the provider is back');
  const { code, out, err } = await upgrade.ended;
  const takenOver = await second.ended;

  expect(told.code, told.err).toBe(0);
  expect(told.out).toContain(`told run ${run}: `);
  expect(code, out + err).toBe(0);
  expect(await me.version()).toBe('1.1.0');
  expect(report(run)).toContain('the provider is back');
  expect(left).toMatchObject({ code: 0, out: expect.stringContaining(`detached; run ${run} goes on`) as string });
  expect(takenOver).toMatchObject({ code: 0, out: expect.stringMatching(/UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0/) as string });
  expect(report(run)).toMatch(/\| \d{4}-\S+ \| bob as \S+ took over from \S+ \|/);
  expect((await me.routerctl('run', 'ticket', run)).out).toMatch(/- hand-overs:\n {2}- \S+: \S+ handed over to bob as \S+\n/);
  expect(report(run)).not.toMatch(/signal SIG|asks for/);
  expect(JSON.parse(readFileSync(marks, 'utf8'))).toEqual([expect.objectContaining({ version: '1.0.9' })]);
  const late = await me.routerctl('run', 'hold', run);
  expect(late.code).toBe(6);
  expect(late.err).toContain(`error: run ${run} has ended`);
});
