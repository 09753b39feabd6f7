// The terminal is a viewer: closing it, hanging up or asking the command to end loses nothing of an upgrade. Real commands on a
// real pseudo-terminal, and on pipes as CI has them.
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunFolder } from '../../src/core/ports/run-folders.js';
import { practicePackage } from '../lab/lab.js';
import { eventsOf, fileGaps, reportGaps, servingGaps } from './invariants.js';
import { type Lane, matrixPlaybook, openLane, until } from './lane.js';
import { quick } from './matrix-case.js';
import { give, launch } from './orders.js';
import { processesNaming } from './process-list.js';

const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
let lane: Lane;
let packageFile: string;

beforeAll(async () => {
  lane = await openLane();
  packageFile = await practicePackage({ version: '1.1.0' });
  // The hook keeps the run at its work until the test lets it go on.
  const waiting = `#!/bin/sh\ni=0; while [ ! -e '${lane.lab.home}/go-on' ] && [ "$i" -lt 400 ]; do sleep 0.05; i=$((i + 1)); done\n`;
  writeFileSync(lane.hook, waiting);
  const config = lane.lab.paths.targetConfig;
  execFileSync('sed', [
    '-i',
    `s#^\\( *\\)drain: .*#&\\n\\1drainHook: ["${lane.hook}"]#; s#drain: 12s#drain: 60s#; s#drain: "12s"#drain: 60s#`,
    config,
  ]);
  await lane.save('old');
});
beforeEach(async () => lane.restore('old'));
afterAll(async () => lane.close());

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, ROUTERCTL_STATE: lane.state, TERM: 'xterm', NO_COLOR: '1', CI: '' });
const upgrade = (): readonly string[] => [program, 'upgrade', '--to', packageFile, '-y', '--config', lane.lab.paths.targetConfig];
const letGo = (): void => writeFileSync(join(lane.lab.home, 'go-on'), '');

async function runAtWork(type: 'guard-armed' | 'group-started'): Promise<RunFolder> {
  const begun = (): RunFolder | null => {
    try {
      const folder = lane.savedRun();
      return eventsOf(folder).some((event) => event.type === type) ? folder : null;
    } catch {
      return null;
    }
  };
  await until('the run is at its work', () => begun() !== null);
  return lane.savedRun();
}

async function concluded(folder: RunFolder, version: string): Promise<readonly string[]> {
  await until('the run ends', () => folder.result() !== null && processesNaming(folder.path).length === 0);
  const result = folder.result();
  const files = fileGaps(lane, version).filter((gap) => !(version !== '1.0.0' && gap.includes('config')));
  return [...(await servingGaps(lane, version)), ...files, ...(result === null ? ['no result'] : await reportGaps(lane, result))];
}

test('closing the terminal in the middle of an upgrade loses nothing, and "run attach" shows it again', async () => {
  const command = [process.execPath, ...upgrade()].join(' ');
  const terminal = spawn('script', ['-qfc', `stty cols 120 rows 40; ${command}`, '/dev/null'], {
    env: environment(),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const folder = await runAtWork('group-started');
  const [viewer] = processesNaming(packageFile).filter(({ argv }) => argv[1] === program);
  expect(viewer).toBeDefined();
  terminal.kill('SIGKILL');
  await until('the viewer is gone with its terminal', () => processesNaming(packageFile).length === 0);
  expect(folder.result()).toBeNull();
  const attached = spawn(process.execPath, [program, 'run', 'attach', folder.runId], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let shown = '';
  for (const stream of [attached.stdout, attached.stderr]) stream.on('data', (chunk: Buffer) => (shown += chunk.toString('utf8')));
  const code = new Promise<number | null>((resolve) => attached.once('exit', resolve));
  await until('the attached viewer shows the run', () => shown.includes('backup'));
  letGo();
  expect(await code).toBe(0);
  expect(shown).toContain('1.1.0');
  expect(await concluded(folder, '1.1.0')).toEqual([]);
});

test('one who attaches before the run has said anything waits for it, and takes nothing away', async () => {
  const plan = await lane.plan(matrixPlaybook, packageFile);
  const folder = await lane.createRun(plan);
  const attached = spawn(process.execPath, [program, 'run', 'attach', folder.runId], { env: environment(), stdio: 'ignore' });
  const code = new Promise<number | null>((resolve) => attached.once('exit', resolve));
  // Long enough for it to look several times.
  await new Promise((done) => setTimeout(done, 1500));
  letGo();
  give(lane, quick);
  const { code: ran, stderr } = await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
  expect(ran, stderr).toBe(0);
  expect(await code).toBe(0);
  expect(await concluded(folder, '1.1.0')).toEqual([]);
});

test.each([
  ['SIGINT', 4],
  ['SIGTERM', 4],
  ['SIGHUP', 4],
] as const)('%s to a command without a terminal rolls back first and then ends with %d', async (signal, exitCode) => {
  const viewer = spawn(process.execPath, upgrade(), { env: environment(), stdio: ['ignore', 'ignore', 'ignore'] });
  const code = new Promise<number | null>((resolve) => viewer.once('exit', resolve));
  const folder = await runAtWork('group-started');
  viewer.kill(signal);
  await until('the request is on disk or heard', () => eventsOf(folder).length > 0);
  letGo();
  expect(await code).toBe(exitCode);
  expect(await concluded(folder, '1.0.0')).toEqual([]);
});
