// An act that neither ends nor heeds its time limit: the real run process ends, act and all, and a successor finds a deployment on
// which nobody acts any more.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Plan } from '../../src/core/plan.js';
import type { RunFolder } from '../../src/core/ports/run-folders.js';
import { practicePackage } from '../lab/lab.js';
import { eventsOf, fileGaps, servingGaps } from './invariants.js';
import { type Lane, matrixPlaybook, openLane, until } from './lane.js';
import { quick } from './matrix-case.js';
import { give, launch } from './orders.js';
import { endAll, isAlive, processesNaming } from './process-list.js';
import { inTheMiddle } from './scenarios.js';

const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
const stuckRename = pathToFileURL(join(import.meta.dirname, 'stuck-rename.js')).href;
let lane: Lane;
let plan: Plan;

/** The step that will be stuck gets little time; what the program adds to it is its own. */
const impatient = (made: Plan): Plan => ({
  ...made,
  target: { ...made.target, policy: { ...made.target.policy, guard: 'process' } },
  phases: made.phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) => (step.id === 'pin' ? { ...step, timeoutMs: 500 } : step)),
  })),
});

beforeAll(async () => {
  lane = await openLane();
  plan = await lane.plan(matrixPlaybook, await practicePackage({ version: '1.1.0' }), impatient);
  await lane.save('old');
});
beforeEach(async () => lane.restore('old'));
afterAll(async () => {
  await endAll(processesNaming(join(lane.lab.home, '.routerctl')));
  await lane.close();
});

const traceFile = (): string => join(lane.work, 'stuck');

/** The program as it is started in earnest, with the renaming of the environment file out of order. */
function start(...args: readonly string[]): number {
  const env = {
    ...process.env,
    ROUTERCTL_STATE: lane.state,
    NODE_OPTIONS: `--import=${stuckRename}`,
    STUCK_FILE: lane.lab.paths.environment,
    STUCK_TRACE: traceFile(),
  };
  const child = spawn(process.execPath, [program, ...args], { env, stdio: 'ignore', detached: true });
  return child.pid ?? 0;
}

async function endsByItself(pid: number): Promise<void> {
  await until('the act is stuck', () => existsSync(traceFile()));
  await until('the process with the stuck act ends', () => !isAlive(pid), 30_000);
  const acted = statSync(traceFile()).size;
  expect(readFileSync(traceFile(), 'utf8').split('\n')[0]).toBe(String(pid));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(statSync(traceFile()).size).toBe(acted);
}

async function takenBack(folder: RunFolder, exitCode: number): Promise<void> {
  await until('the run has a result', () => folder.result() !== null);
  expect(folder.result()?.exitCode, folder.result()?.why).toBe(exitCode);
  expect([...(await servingGaps(lane, '1.0.0')), ...fileGaps(lane, '1.0.0')]).toEqual([]);
  expect(eventsOf(folder).at(-1)?.type).toBe('run-finished');
}

test('the runner ends with its stuck act, and the guard takes back what was staged', { timeout: 90_000 }, async () => {
  const folder = await lane.createRun(plan);
  await endsByItself(start('run', 'exec', folder.path, '--by', 'runner'));
  await takenBack(folder, 143);
});

test('the guard ends with its stuck act, and a person can finish its rollback', { timeout: 90_000 }, async () => {
  give(lane, { ...quick, guard: 'none', strikes: [{ role: 'runner', point: inTheMiddle }] });
  const folder = await lane.createRun(plan);
  await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
  await endsByItself(start('run', 'guard', folder.path));
  expect(folder.result()).toBeNull();
  give(lane, { ...quick, guard: 'none' });
  await launch(lane, ['resume', folder.runId], 'empty').ended;
  await takenBack(folder, 4);
});
