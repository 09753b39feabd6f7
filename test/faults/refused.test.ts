// What keeps a run from beginning: somebody else's run, a place that cannot be written, a journal on a network file system. Each
// refusal says who or what it is and changes nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clockNode } from '../../src/adapters/clock-node.js';
import { ownIdentity } from '../../src/adapters/process-identity.js';
import { runFoldersNode } from '../../src/adapters/run-folders-node.js';
import { runOrder } from '../../src/app/run-order.js';
import { refuseStart } from '../../src/app/start-run.js';
import { openShell } from '../../src/cli/wiring.js';
import type { Plan } from '../../src/core/plan.js';
import { practicePackage } from '../lab/lab.js';
import { eventsOf, fileGaps, servingGaps } from './invariants.js';
import { type Lane, matrixPlaybook, openLane, until } from './lane.js';
import { quick } from './matrix-case.js';
import { give, launch, traceOf } from './orders.js';

let lane: Lane;
let plan: Plan;

beforeAll(async () => {
  lane = await openLane();
  plan = await lane.plan(matrixPlaybook, await practicePackage({ version: '1.1.0' }));
  await lane.save('old');
});
beforeEach(async () => lane.restore('old'));
afterAll(async () => lane.close());

const untouched = async (): Promise<readonly string[]> => [...(await servingGaps(lane, '1.0.0')), ...fileGaps(lane, '1.0.0')];

async function create(state: string, options: Parameters<typeof runFoldersNode>[1] = {}, root = lane.lab.home): Promise<unknown> {
  const order = runOrder(await openShell(), { limitMs: 60_000, window: null, changeRef: null, approval: null, overrides: [] });
  return runFoldersNode(state, options).create(root, plan, order);
}

test('a second run is refused while the first one is at work, and disturbs nothing', async () => {
  give(lane, { ...quick, guard: 'none' });
  const first = await lane.createRun(plan);
  const { ended } = launch(lane, ['run', 'exec', first.path, '--by', 'runner']);
  await until('the first run is at work', () => traceOf(lane).some(({ point }) => point === 'after event change-intent backup'));
  const shell = await openShell();
  expect(() => refuseStart(shell, { plan, overrides: [] })).toThrow(expect.objectContaining({ code: 'LEASE_HELD' }));
  const second = await lane.createRun(plan);
  const refused = await launch(lane, ['run', 'exec', second.path, '--by', 'runner']).ended;
  expect(refused.code).toBe(6);
  expect(JSON.parse(refused.stdout)).toMatchObject({ refused: 'LEASE_HELD', hint: `watch it: routerctl run attach ${first.runId}` });
  expect(eventsOf(second)).toEqual([]);
  expect((await ended).code).toBe(0);
  expect(fileGaps(lane, '1.1.0')).toEqual([]);
});

test.each([
  ['a process of another user that lives', {}],
  ['a process on another host, of which nothing can be proven', { host: 'elsewhere', pid: 1 }],
])('the lease of %s is respected and its holder is named', async (_whose, other) => {
  const holder = {
    epoch: 7,
    runId: '20260101-020000-abcd',
    host: hostname(),
    bootId: clockNode().bootId(),
    ...ownIdentity(),
    user: 'somebody',
    purpose: 'runner',
    takenAt: '2026-01-01T02:00:00.000Z',
    ...other,
  };
  give(lane, { ...quick, guard: 'none' });
  const folder = await lane.createRun(plan);
  writeFileSync(join(lane.lab.home, '.routerctl', 'lease.7.json'), JSON.stringify(holder));
  const refused = await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
  expect(refused.code).toBe(6);
  expect(refused.stdout).toContain(`run 20260101-020000-abcd holds ${lane.lab.home} since 2026-01-01T02:00:00.000Z (somebody@`);
  expect(eventsOf(folder)).toEqual([]);
  expect(await untouched()).toEqual([]);
});

test.each([
  ['a state directory', () => create('/dev/null/routerctl')],
  ['the root of the deployment', () => create(lane.state, {}, '/dev/null/deployment')],
])('%s that cannot be written is said so before anything happens', async (_what, attempt) => {
  await expect(attempt()).rejects.toMatchObject({ code: 'STATE_UNWRITABLE', hint: expect.stringContaining('may write there') as string });
  expect(await untouched()).toEqual([]);
});

test('a journal on a network file system is refused', async () => {
  const nfs = 0x6969;
  await expect(create(lane.state, { fileSystemType: () => nfs })).rejects.toMatchObject({ code: 'NETWORK_FILESYSTEM' });
  expect(await untouched()).toEqual([]);
});

test('a plan that was altered after its run began is not executed', async () => {
  give(lane, { ...quick, guard: 'none', strikes: [{ role: 'runner', point: 'after event phase-started preflight' }] });
  const folder = await lane.createRun(plan);
  await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
  const path = join(folder.path, 'plan.json');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('1.1.0', '1.3.0'));
  give(lane, { ...quick, guard: 'none' });
  const refused = await launch(lane, ['resume', folder.runId], 'empty').ended;
  expect(JSON.parse(refused.stdout)).toMatchObject({ refused: 'JOURNAL_DAMAGED' });
  expect(await untouched()).toEqual([]);
});
