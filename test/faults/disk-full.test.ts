// No space left, at the n-th thing that is written: once, or from then on until somebody frees space. ROUTERCTL_FULL=1 tries
// every n. Beside that a real full disk, where this user may mount one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '../../src/core/plan.js';
import { practicePackage } from '../lab/lab.js';
import { databaseGaps, eventsOf, fileGaps, leftovers, reportGaps, servingGaps, usageRows, writerGaps } from './invariants.js';
import { type Lane, matrixPlaybook, openLane } from './lane.js';
import { quick } from './matrix-case.js';
import { give, launch, traceOf } from './orders.js';

const every = process.env['ROUTERCTL_FULL'] === '1' ? 1 : 19;
let lane: Lane;
let plan: Plan;
let calls = 0;

beforeAll(async () => {
  lane = await openLane();
  plan = await lane.plan(matrixPlaybook, await practicePackage({ version: '1.1.0' }));
  await lane.save('old');
  await lane.restore('old');
  give(lane, { ...quick, guard: 'none' });
  const folder = await lane.createRun(plan);
  await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
  calls = traceOf(lane).filter(({ point }) => /^before (event |\S+: (?!ROLLBACK))/.test(point ?? '')).length;
});
afterAll(async () => lane.close());

/** Runs into the full disk; then space is free again, and a run without a result is resumed. Returns what is wrong. */
async function runInto(at: number, times: number | undefined): Promise<readonly string[]> {
  await lane.restore('old');
  const rowsBefore = usageRows(lane);
  give(lane, { ...quick, guard: 'none', failure: { role: 'runner', at, code: 'ENOSPC', ...(times === undefined ? {} : { times }) } });
  const folder = await lane.createRun(plan);
  const first = await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
  const failed = traceOf(lane).find((line) => line.failed !== undefined)?.failed ?? 'nothing';
  give(lane, { ...quick, guard: 'none' });
  const resumed = folder.result() === null ? await launch(lane, ['resume', folder.runId], 'empty').ended : null;
  const result = folder.result();
  const told = (gap: string): string => `call ${at} (${failed}), ${times === undefined ? 'for good' : 'once'}: ${gap}`;
  if (result === null) {
    const never = eventsOf(folder).length === 0 && first.stdout.includes('NO_ROOM');
    return (
      never ? [...fileGaps(lane, '1.0.0'), ...(await servingGaps(lane, '1.0.0'))] : [`no result: ${first.stdout} ${resumed?.stdout ?? ''}`]
    ).map(told);
  }
  const version = result.exitCode === 0 || result.exitCode === 8 ? '1.1.0' : '1.0.0';
  const expected = [0, 3, 4, 6, 7, 8].includes(result.exitCode) ? [] : [`exit ${result.exitCode}: ${result.why}`];
  const gaps = [
    ...expected,
    ...(await servingGaps(lane, version)),
    ...fileGaps(lane, version),
    ...databaseGaps(lane, rowsBefore),
    ...leftovers(lane),
    ...writerGaps(eventsOf(folder), traceOf(lane)),
    ...(await reportGaps(lane, result)),
  ];
  return gaps.map(told);
}

test.each([
  ['once', 1],
  ['from then on, until space is freed and the run resumed', undefined],
] as const)(
  'no space left at the n-th write %s: the old or the new version serves and nothing half-written stays',
  { timeout: 1_800_000 },
  async (_how, times) => {
    expect(calls).toBeGreaterThan(50);
    const gaps: string[] = [];
    for (let at = times === 1 ? 1 : 4; at <= calls; at += every) gaps.push(...(await runInto(at, times)));
    expect(gaps).toEqual([]);
  },
);

function mountable(): boolean {
  const probe = join(lane.work, 'mount-probe');
  mkdirSync(probe, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'routerctl-test', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a disk that is really full while the old version drains: the runner cannot write, and the reserved space pays for the way back', async (context) => {
  await lane.restore('old');
  if (!mountable()) context.skip('needs the right to mount a tmpfs: run as root with CAP_SYS_ADMIN');
  const small = join(lane.lab.home, '.routerctl');
  mkdirSync(small, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'routerctl-test', small]);
  try {
    writeFileSync(lane.hook, `#!/bin/sh\ndd if=/dev/zero of='${small}/fill' bs=64k 2>/dev/null\nexit 0\n`);
    give(lane, { ...quick, guard: 'none' });
    const folder = await lane.createRun(plan);
    const first = await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
    expect(first.stdout).toContain('NO_ROOM');
    writeFileSync(lane.hook, '#!/bin/sh\nexit 0\n');
    const back = await launch(lane, ['resume', folder.runId, '--roll-back'], 'empty').ended;
    expect(back.stdout + back.stderr.slice(-300)).toContain('"exitCode":4');
    expect([...(await servingGaps(lane, '1.0.0')), ...fileGaps(lane, '1.0.0')]).toEqual([]);
  } finally {
    execFileSync('umount', ['-l', small]);
  }
});
