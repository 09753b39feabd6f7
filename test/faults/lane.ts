// One practice deployment that is put back to a saved state before every case, at the same paths and ports: hundreds of cases
// then cost a copy each instead of a new deployment, and a saved journal stays valid.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { filesNode } from '../../src/adapters/files-node.js';
import { runFoldersNode } from '../../src/adapters/run-folders-node.js';
import { loadTarget } from '../../src/app/load-target.js';
import { makePlan } from '../../src/app/make-plan.js';
import { runOrder } from '../../src/app/run-order.js';
import { openShell } from '../../src/cli/wiring.js';
import type { Plan } from '../../src/core/plan.js';
import type { RunFolder } from '../../src/core/ports/run-folders.js';
import { type Lab, startLab } from '../lab/lab.js';
import { endAll, processesNaming } from './process-list.js';

export interface Lane {
  readonly lab: Lab;
  /** Where the processes under test leave their traces; beside the deployment. */
  readonly work: string;
  readonly state: string;
  readonly newConfig: string;
  /** The drain hook of the plans: a test may write another text into it. */
  readonly hook: string;
  /** The files that an upgrade edits, as they were before it and as they are after it. */
  readonly edited: { readonly [version: string]: { readonly config: string; readonly environment: string; readonly current: string } };
  /** A plan for this deployment, made once; the same text for every case. */
  plan(playbook: string, packageFile: string, adjust?: (plan: Plan) => Plan): Promise<Plan>;
  createRun(plan: Plan, limitMs?: number): Promise<RunFolder>;
  /** The one run of the state that was put back. */
  savedRun(): RunFolder;
  /** Drains the router and keeps a copy of everything under this name. */
  save(name: string): Promise<void>;
  /** Ends what is left of the case before, puts the saved state back and starts the router. */
  restore(name: string): Promise<void>;
  close(): Promise<void>;
}

export const matrixPlaybook = fileURLToPath(new URL('kill-matrix.yaml', import.meta.url));

/** Told to hang when it starts, the drain hook goes on writing for a minute whatever becomes of its parent. */
const hookText = (log: string, forever: string): string =>
  `#!/bin/sh\nlines=2; [ ! -e '${forever}' ] || lines=1500\ni=0\nwhile [ "$i" -lt "$lines" ]; do echo "$i" >> '${log}'; sleep 0.04; i=$((i + 1)); done\n`;

export async function openLane(): Promise<Lane> {
  const base = mkdtempSync(join(tmpdir(), 'routerctl-faults-'));
  const home = join(base, 'lab');
  mkdirSync(home);
  const lab = await startLab({ home });
  const work = join(base, 'work');
  mkdirSync(work);
  const state = join(home, 'state');
  await seed(lab);
  const hook = join(base, 'drain-hook');
  writeFileSync(hook, hookText(join(home, 'hook.log'), join(home, 'hook-forever')), { mode: 0o755 });
  const newConfig = join(base, 'reviewed.yaml');
  const oldConfig = readFileSync(lab.paths.config, 'utf8');
  const oldEnvironment = readFileSync(lab.paths.environment, 'utf8');
  writeFileSync(newConfig, `${oldConfig}# reviewed\n`);
  const at = (version: string, config: string) =>
    ({ config, environment: oldEnvironment.replace('VERSION=1.0.0', `VERSION=${version}`), current: join('versions', version) }) as const;
  const edited = {
    '1.0.0': at('1.0.0', oldConfig),
    '1.1.0': at('1.1.0', `${oldConfig}# reviewed\n`),
    '1.2.0': at('1.2.0', `${oldConfig}# reviewed\n`),
  };
  const stopRouter = async (): Promise<void> => endAll(processesNaming(lab.paths.config));
  const drainRouter = async (): Promise<void> => {
    for (const { pid } of processesNaming(lab.paths.config)) process.kill(pid, 'SIGTERM');
    await until('the router drains', () => processesNaming(lab.paths.config).length === 0);
  };
  const saved = (name: string): string => join(base, `saved-${name}`);
  return {
    lab,
    work,
    state,
    newConfig,
    hook,
    edited,
    plan: (playbook, packageFile, adjust = (plan) => plan) => planOf(lab, { playbook, packageFile, newConfig, hook }).then(adjust),
    createRun: async (plan, limitMs = 600_000) => {
      const shell = await openShell();
      const order = runOrder(shell, { limitMs, window: null, changeRef: null, approval: null, overrides: [] });
      return runFoldersNode(state).create(lab.home, plan, order);
    },
    savedRun: () => {
      const [folder] = runFoldersNode(state).list();
      if (folder === undefined) throw new Error('the saved state holds no run');
      return folder;
    },
    save: async (name) => {
      await drainRouter();
      cpSync(home, saved(name), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    },
    restore: async (name) => {
      await endAll([...processesNaming(work), ...processesNaming(hook)]);
      await stopRouter();
      rmSync(work, { recursive: true, force: true });
      mkdirSync(work);
      putBack(saved(name), home);
      await lab.startRouter();
    },
    close: async () => {
      await endAll([...processesNaming(work), ...processesNaming(hook)]);
      await lab.stop();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Versions are never written in place, so that their files can be shared; everything else is copied. */
function putBack(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  const script =
    'mkdir -p "$2" && cd "$1" && for name in * .[!.]*; do [ -e "$name" ] || [ -L "$name" ] || continue; case $name in versions|packages) cp -al "$name" "$2/";; *) cp -a "$name" "$2/";; esac; done';
  execFileSync('sh', ['-c', script, 'sh', from, to]);
}

async function planOf(
  lab: Lab,
  { playbook, packageFile, newConfig, hook }: { playbook: string; packageFile: string; newConfig: string; hook: string },
): Promise<Plan> {
  const shell = await openShell();
  const shelf = { ...shell.shelf, workingDirectory: lab.home, files: filesNode() };
  const { target, profile } = await loadTarget(shelf, { config: lab.paths.targetConfig, target: undefined, userConfig: '' });
  const { router } = target.components;
  if (router?.deployment === undefined) throw new Error('the practice deployment has a router');
  const drained = { ...router, deployment: { ...router.deployment, drainHook: [hook] } };
  const inputs = { to: packageFile, config: newConfig, config_sha256: createHash('sha256').update(readFileSync(newConfig)).digest('hex') };
  return makePlan({ ...shell, shelf }, { playbook, target: { ...target, components: { router: drained } }, profile, inputs, window: null });
}

/** Usage rows, temporary files: something that could be lost, and something to clean up. */
async function seed(lab: Lab): Promise<void> {
  for (let row = 0; row < 5; row += 1) {
    await fetch(`${lab.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lab.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: lab.models[0], messages: [{ role: 'user', content: `row ${row}` }] }),
    });
  }
  for (const name of ['unpacked-one', 'unpacked-two']) writeFileSync(join(lab.paths.temporary, name), 'left over');
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(20);
  }
}
