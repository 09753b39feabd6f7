// One changing run for each deployment, whoever the user is: what a dead run left half-done is judged by what lies beside the
// deployment, and the refusal names a command that works for the user who reads it.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runFoldersNode } from '../../src/adapters/run-folders-node.js';
import { folderToRollBack, rollBackRun } from '../../src/app/resume-run.js';
import { runOrder } from '../../src/app/run-order.js';
import type { Shell } from '../../src/app/shell.js';
import { refuseStart, takeUpRun } from '../../src/app/start-run.js';
import { openShell } from '../../src/cli/wiring.js';
import { RouterctlError } from '../../src/core/errors.js';
import type { Plan } from '../../src/core/plan.js';
import type { RunFolder } from '../../src/core/ports/run-folders.js';
import { upgradePlan } from '../engine/practice-plan.js';

let directory: string;
let root: string;
let plan: Plan;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'routerctl-start-'));
  root = join(directory, 'deployment');
  const target = { name: 'lab', root, policy: { window: 'optional' }, components: {}, databases: {}, upstreams: {} };
  plan = upgradePlan({ target: target as unknown as Plan['target'] });
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The shell of a user with a state directory of their own; a runner that would be started does nothing. */
async function shellOf(user: string): Promise<Shell> {
  return { ...(await openShell({ entry: ['/bin/true'] })), folders: runFoldersNode(join(directory, user)) };
}

async function runOf(shell: Shell, runId: string): Promise<RunFolder> {
  const order = runOrder(shell, { limitMs: 60_000, window: null, changeRef: null, approval: null, overrides: [] });
  const folder = await shell.folders.create(root, plan, { ...order, runId });
  shell.openJournal(folder).close();
  return folder;
}

const finish = (folder: RunFolder): Promise<void> =>
  folder.writeResult({ lastSeq: 1, exitCode: 0, outcome: 'upgraded', why: 'upgraded', hint: null, report: null });

/** The host was started anew while this run had hold of the deployment. */
function diedIn({ runId }: RunFolder, epoch = 1): void {
  const holder = { epoch, runId, host: hostname(), bootId: 'an earlier boot', pid: 1, startTicks: 1, user: 'alice', purpose: 'runner' };
  writeFileSync(join(root, '.routerctl', `lease.${epoch}.json`), JSON.stringify({ ...holder, takenAt: '2026-01-01T02:00:00.000Z' }));
}

/** Without naming the run. */
const rollBack = async (shell: Shell, { target }: Plan) => rollBackRun(shell, folderToRollBack(shell, target, null));

const older = '20260101-020000-aaaa';
const newer = '20260102-020000-bbbb';

function refusal(work: () => unknown): RouterctlError {
  try {
    work();
  } catch (error) {
    if (error instanceof RouterctlError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a run that died half-way', () => {
  test('refuses a new run, also for a user whose index does not know it', async () => {
    const alice = await shellOf('alice');
    diedIn(await runOf(alice, newer));
    expect(refusal(() => refuseStart(alice, { plan, overrides: [] }))).toMatchObject({
      code: 'LEASE_HELD',
      message: `run ${newer} of lab was interrupted and is not finished`,
      hint: `finish it: routerctl resume ${newer}; or take it back: routerctl resume ${newer} --roll-back`,
    });
    const bob = await shellOf('bob');
    const path = join(root, '.routerctl', 'runs', newer);
    expect(refusal(() => refuseStart(bob, { plan, overrides: [] }))).toMatchObject({
      code: 'LEASE_HELD',
      hint: `finish it: routerctl resume ${path}; or take it back: routerctl resume ${path} --roll-back`,
    });
    expect(bob.folders.find(path).runId).toBe(newer);
    expect(refusal(() => refuseStart(bob, { plan, overrides: [] })).hint).toContain(`routerctl resume ${newer};`);
  });

  test('is not buried under the rollback or the resumption of an older one', async () => {
    const shell = await shellOf('alice');
    const first = await runOf(shell, older);
    const second = await runOf(shell, newer);
    await finish(first);
    diedIn(second);
    const hint = expect.stringContaining(`routerctl resume ${newer} --roll-back`) as string;
    await expect(takeUpRun(shell, first, 'rollback')).rejects.toMatchObject({ code: 'LEASE_HELD', hint });
    await expect(rollBack(shell, plan)).rejects.toMatchObject({ code: 'LEASE_HELD', hint });
    await expect(rollBack(await shellOf('bob'), plan)).rejects.toMatchObject({ code: 'LEASE_HELD' });
    expect(() => shell.leases.acquire(root, older, 'rollback')).toThrow(expect.objectContaining({ code: 'LEASE_HELD' }));
    expect(shell.leases.acquire(root, newer, 'resume').holder.epoch).toBe(2);
  });

  test('is the one that a rollback without a name speaks of, although nothing else could be taken back', async () => {
    const shell = await shellOf('alice');
    diedIn(await runOf(shell, newer));
    await expect(rollBack(shell, plan)).rejects.toMatchObject({
      code: 'LEASE_HELD',
      message: `run ${newer} of lab was interrupted and is not finished`,
    });
  });

  test('before its journal began does not stand in the way', async () => {
    const shell = await shellOf('alice');
    const folder = await runOf(shell, newer);
    rmSync(folder.journalPath);
    diedIn(folder);
    expect(() => refuseStart(shell, { plan, overrides: [] })).not.toThrow();
  });
});

test('a run that ended, but died before it gave its lease back, does not stand in the way', async () => {
  const shell = await shellOf('alice');
  const folder = await runOf(shell, newer);
  await finish(folder);
  diedIn(folder);
  expect(() => refuseStart(shell, { plan, overrides: [] })).not.toThrow();
  expect(shell.leases.acquire(root, older, 'runner').holder.epoch).toBe(2);
});

test('the run of another user that is under way is named so that it can be watched', async () => {
  const alice = await shellOf('alice');
  const folder = await runOf(alice, newer);
  alice.leases.acquire(root, newer, 'runner');
  const bob = await shellOf('bob');
  expect(refusal(() => refuseStart(bob, { plan, overrides: [] })).hint).toBe(`watch it: routerctl run attach ${folder.path}`);
});

test('the newest run of all users is the one that a rollback takes back', async () => {
  const alice = await shellOf('alice');
  const bob = await shellOf('bob');
  await finish(await runOf(bob, older));
  await finish(await runOf(alice, newer));
  await expect(rollBack(bob, plan)).rejects.toMatchObject({
    code: 'NOTHING_TO_ROLL_BACK',
    message: expect.stringContaining(newer) as string,
  });
});

test('a copy of a run’s folder is not taken for the run', async () => {
  const alice = await shellOf('alice');
  const folder = await runOf(alice, newer);
  const bob = await shellOf('bob');
  const copy = join(directory, 'copy', '.routerctl', 'runs', newer);
  cpSync(folder.path, copy, { recursive: true });
  expect(refusal(() => bob.folders.find(copy))).toMatchObject({
    code: 'RUN_UNKNOWN',
    hint: expect.stringContaining(folder.path) as string,
  });
  expect(readFileSync(join(copy, 'plan.json'), 'utf8')).toContain('routerctl.plan/v1');
});
