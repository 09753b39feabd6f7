// Faults in the middle of an upgrade other than a kill at every moment: somebody else's hand, signals, clocks, a stopped process,
// and what remains possible without routerctl.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runFoldersNode } from '../../src/adapters/run-folders-node.js';
import { openSqlite } from '../../src/adapters/sqlite.js';
import { closeRun } from '../../src/app/close-run.js';
import { runTicket } from '../../src/app/run-ticket.js';
import { refuseStart } from '../../src/app/start-run.js';
import { openShell } from '../../src/cli/wiring.js';
import type { Plan } from '../../src/core/plan.js';
import type { RunFolder } from '../../src/core/ports/run-folders.js';
import type { EventOf, RunEventType } from '../../src/core/run-event.js';
import { practicePackage } from '../lab/lab.js';
import { eventsOf, fileGaps, leftovers, reportGaps, servingGaps, writerGaps } from './invariants.js';
import { type Lane, matrixPlaybook, openLane, until } from './lane.js';
import { quick } from './matrix-case.js';
import { type Ended, give, launch, type Orders, traceOf } from './orders.js';
import { processesNaming } from './process-list.js';
import { inTheMiddle } from './scenarios.js';

let lane: Lane;
let works: Plan;
let cuts: Plan;

beforeAll(async () => {
  lane = await openLane();
  works = await lane.plan(matrixPlaybook, await practicePackage({ version: '1.1.0' }));
  cuts = await lane.plan(matrixPlaybook, await practicePackage({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] }));
  await lane.save('old');
});
beforeEach(async () => {
  writeFileSync(lane.hook, '#!/bin/sh\nexit 0\n');
  await lane.restore('old');
});
afterAll(async () => lane.close());

interface Run {
  readonly folder: RunFolder;
  readonly ended: Ended;
}

async function execute(plan: Plan, orders: Orders = {}, limitMs?: number): Promise<Run> {
  give(lane, { ...quick, guard: 'none', ...orders });
  const folder = await lane.createRun(plan, limitMs);
  return { folder, ended: await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended };
}

async function resume({ folder }: Run, ...flags: string[]): Promise<Ended> {
  give(lane, { ...quick, guard: 'none' });
  return launch(lane, ['resume', folder.runId, ...flags], 'empty').ended;
}

function events<Type extends RunEventType>({ folder }: Run, type: Type): readonly EventOf<Type>[] {
  return eventsOf(folder).filter((event): event is EventOf<Type> => event.type === type);
}

async function standsAs(version: string, { folder }: Run): Promise<readonly string[]> {
  await until('everything ends', () => processesNaming(lane.work).length === 0);
  const result = folder.result();
  return [
    ...(await servingGaps(lane, version)),
    ...fileGaps(lane, version),
    ...leftovers(lane),
    ...writerGaps(eventsOf(folder), traceOf(lane)),
    ...(result === null ? ['no result'] : await reportGaps(lane, result)),
  ];
}

test('a file that somebody edited after the change is not overwritten by the rollback, and a person is told what to type', async () => {
  writeFileSync(lane.hook, `#!/bin/sh\necho 'ADDED_BY_HAND=1' >> '${lane.lab.paths.environment}'\n`);
  const run = await execute(cuts);
  expect(run.ended.code).toBe(5);
  expect(readFileSync(lane.lab.paths.environment, 'utf8')).toContain('VERSION=1.2.0');
  expect(readFileSync(lane.lab.paths.environment, 'utf8')).toContain('ADDED_BY_HAND=1');
  const [pin] = events(run, 'revert-finished').filter(({ data }) => data.step === 'pin');
  expect(pin?.data.status).toBe('conflict');
  expect(pin?.data.hint).toMatch(/put the old bytes back with: cat .*before.* > .*service\.env/);
  expect(pin?.data.evidence).toMatchObject({
    keyedDigestBefore: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    keyedDigestNow: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  });
  expect(run.folder.result()?.why).toContain('pin');
  // The old version runs, but with the pin that was left alone it does not call itself ready; the command that was named mends it.
  const [command = ''] = /cat .*service\.env/.exec(pin?.data.hint ?? '') ?? [];
  execFileSync('sh', ['-c', command]);
  execFileSync('kill', ['-TERM', readFileSync(lane.lab.paths.routerPid, 'utf8').trim()]);
  await until('the router drains', () => processesNaming(lane.lab.paths.config).length === 0);
  await lane.lab.startRouter();
  expect([...(await servingGaps(lane, '1.0.0')), ...fileGaps(lane, '1.0.0')]).toEqual([]);
});

test.each([
  ['right after it was started anew', 'after restart: services.start', 4],
  ['while it is validated', 'after event check-finished ready_after', 4],
])('a new router that somebody kills %s is replaced by the old version', async (_when, point, exitCode) => {
  const victim = lane.lab.paths.routerPid;
  const run = await execute(works, { strikes: [{ role: 'runner', point, victim }] });
  expect(traceOf(lane).some(({ struck }) => struck === point)).toBe(true);
  expect(run.ended.code).toBe(exitCode);
  expect(await standsAs('1.0.0', run)).toEqual([]);
});

test.each([
  ['SIGINT', 'after event check-finished ready', 130],
  ['SIGTERM', 'after event check-finished ready', 143],
  ['SIGHUP', 'after event check-finished ready', 129],
  ['SIGTERM', 'after install: archives.unpack', 143],
  ['SIGTERM', inTheMiddle, 4],
  ['SIGHUP', 'after event fact restart started', 4],
] as const)('%s to the process of a run %s makes the state safe and ends with %d', async (signal, prefix, exitCode) => {
  const point = pointLike(prefix);
  const run = await execute(works, { strikes: [{ role: 'runner', point, signal }] });
  expect(run.ended.code).toBe(exitCode);
  expect(await standsAs('1.0.0', run)).toEqual([]);
});

/** Moments name their subject, too; the one that begins like this in the plan at hand. */
function pointLike(prefix: string): string {
  return prefix === 'after install: archives.unpack' ? 'after install: archives.unpack .1.1.0.routerctl-tmp-unpack' : prefix;
}

test('a process that is stopped beyond the deadline is ended by the guard, and the old version comes back', async () => {
  const limitMs = 30_000;
  const stopped = { role: 'runner', point: inTheMiddle, signal: 'SIGSTOP' } as const;
  give(lane, { ...quick, strikes: [stopped], clock: { guard: 28_000 } });
  const folder = await lane.createRun(works, limitMs);
  const { ended } = launch(lane, ['run', 'exec', folder.path, '--by', 'runner']);
  expect((await ended).signal).toBe('SIGKILL');
  await until('the guard finishes', () => folder.result() !== null);
  const run = { folder, ended: await ended };
  expect(folder.result()?.exitCode).toBe(4);
  expect(events(run, 'lease-taken').map(({ data }) => data.by)).toEqual(['runner', 'guard']);
  expect(await standsAs('1.0.0', run)).toEqual([]);
});

test.each([
  ['an hour back', -3_600_000],
  ['a day ahead', 86_400_000],
])('a wall clock that jumps %s in the middle disturbs nothing', async (_how, byMs) => {
  const run = await execute(works, { jump: { role: 'runner', point: inTheMiddle, byMs } });
  expect(run.folder.result()?.why).toBe('every required check passed');
  expect(run.ended.code).toBe(0);
  expect(await standsAs('1.1.0', run)).toEqual([]);
});

test('ROLLBACK.md, executed by sh after a kill in the middle, brings the old version back without routerctl', async () => {
  const run = await execute(works, { strikes: [{ role: 'runner', point: inTheMiddle }] });
  expect(run.ended.signal).toBe('SIGKILL');
  const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(readFileSync(run.folder.byHandPath, 'utf8')) ?? [];
  execFileSync('sh', ['-c', script], { stdio: 'ignore' });
  await until('the old version is ready', async () => (await servingGaps(lane, '1.0.0')).length === 0);
  expect(fileGaps(lane, '1.0.0')).toEqual([]);
});

test('a run that died with its guard gets its report later, from its journal, signed', async () => {
  const run = await execute(works, { strikes: [{ role: 'runner', point: inTheMiddle }] });
  const environment = { ...process.env, ROUTERCTL_STATE: lane.state, NO_COLOR: '1' };
  const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
  const built = execFileSync(process.execPath, [program, 'report', 'build', run.folder.runId, '--json'], {
    env: environment,
    encoding: 'utf8',
  });
  const verified = execFileSync(
    process.execPath,
    [program, 'report', 'verify', join(run.folder.path, 'report'), '--allowed-signers', lane.lab.paths.allowedSigners],
    { env: environment, encoding: 'utf8' },
  );
  expect(JSON.parse(built)).toMatchObject({ signed: true });
  expect(verified).toContain(run.folder.runId);
  expect((await resume(run, '--roll-back')).code).toBe(4);
  expect(await standsAs('1.0.0', run)).toEqual([]);
});

test('another routerctl may take a run back but goes on with it only when told to', async () => {
  const run = await execute(works, { strikes: [{ role: 'runner', point: inTheMiddle }] });
  const tool = { name: 'routerctl', version: '99.0.0' } as const;
  give(lane, { ...quick, guard: 'none', tool });
  const refused = await launch(lane, ['resume', run.folder.runId], 'empty').ended;
  expect(JSON.parse(refused.stdout)).toMatchObject({ refused: 'VERSION_MISMATCH' });
  expect(refused.code).toBe(6);
  const gone = await launch(lane, ['resume', run.folder.runId, '--despite-version'], 'empty').ended;
  expect(gone.code).toBe(0);
  expect(await standsAs('1.1.0', run)).toEqual([]);
});

test('the last words of the journal torn off by a crash of the machine are asked for again', async () => {
  const run = await execute(works, { strikes: [{ role: 'runner', point: 'after event undo-checked restart' }] });
  const wal = `${run.folder.journalPath}-wal`;
  const bytes = readFileSync(wal);
  const before = eventsOf(run.folder).length;
  writeFileSync(wal, bytes.subarray(0, bytes.length - 100));
  expect(eventsOf(run.folder).length).toBeLessThan(before);
  expect((await resume(run)).code).toBe(0);
  expect(await standsAs('1.1.0', run)).toEqual([]);
});

test('a journal whose bytes were changed is not believed: nobody acts on it, and the way back by hand is named', async () => {
  const run = await execute(works, { strikes: [{ role: 'runner', point: inTheMiddle }] });
  const journal = openSqlite(run.folder.journalPath);
  journal.exec("UPDATE events SET line = replace(line, '1.1.0', '1.3.0') WHERE line LIKE '%change-intent%install%'");
  journal.close();
  const ended = await resume(run);
  expect(JSON.parse(ended.stdout)).toMatchObject({ refused: 'JOURNAL_DAMAGED', hint: expect.stringContaining('ROLLBACK.md') as string });
  writeFileSync(run.folder.journalPath, Buffer.concat([readFileSync(run.folder.journalPath).subarray(0, 4096), Buffer.alloc(8192, 7)]));
  expect(JSON.parse((await resume(run)).stdout)).toMatchObject({ refused: 'JOURNAL_DAMAGED' });
  const shell = { ...(await openShell()), folders: runFoldersNode(lane.state) };
  expect(() => refuseStart(shell, { plan: works, overrides: [] })).toThrow(expect.objectContaining({ code: 'LEASE_HELD' }));
  await closeRun(shell, run.folder.runId, 'bob', 'followed ROLLBACK.md');
  expect(run.folder.result()).toMatchObject({
    outcome: 'closed',
    exitCode: 5,
    why: expect.stringContaining('followed ROLLBACK.md') as string,
  });
  expect(() => refuseStart(shell, { plan: works, overrides: [] })).not.toThrow();
  const { fields } = await runTicket(shell, run.folder.runId, 'close');
  const value = (name: string) => fields.find((field) => field.name === name)?.value;
  expect(value('result')).toContain('closed by bob without a proof: followed ROLLBACK.md');
  expect([value('close code'), value('report'), value('journal')]).toEqual([null, null, 'damaged: it proves nothing']);
  expect(value('to')).toBe('1.1.0');
});

test('a run whose journal is whole is not closed but finished', async () => {
  const run = await execute(works, { strikes: [{ role: 'runner', point: inTheMiddle }] });
  const shell = { ...(await openShell()), folders: runFoldersNode(lane.state) };
  await expect(closeRun(shell, run.folder.runId, 'bob', 'in a hurry')).rejects.toMatchObject({
    code: 'RUN_FINISHED',
    hint: expect.stringContaining(`routerctl resume ${run.folder.runId}`) as string,
  });
  expect(run.folder.result()).toBeNull();
  expect((await resume(run)).code).toBe(0);
});
