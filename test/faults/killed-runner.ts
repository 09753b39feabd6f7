// A run whose runner is killed at one moment, and what becomes of it: its guard finishes it, or a person resumes it.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFoldersNode } from '../../src/adapters/run-folders-node.js';
import { readPlan } from '../../src/app/plan-file.js';
import { runOrder } from '../../src/app/run-order.js';
import { openShell } from '../../src/cli/wiring.js';
import type { RunFolder } from '../../src/core/ports/run-folders.js';
import { type Operator, until } from '../e2e/operator.js';
import { faultyProgram } from './orders.js';

/** Exit code that the run ended with in the end. `point` is a moment as `moments.ts` names them. */
export async function killedRunner(
  me: Operator,
  to: string,
  { point, isGuarded }: { readonly point: string; readonly isGuarded: boolean },
  enter: (directory: string) => readonly string[] = () => [],
): Promise<unknown> {
  const created = await plannedRun(me, to);
  const [orders, trace] = [join(me.desk, `orders-${created.runId}`), join(me.desk, `trace-${created.runId}`)];
  const guard = isGuarded ? {} : { guard: 'none' };
  const parts = { strikes: [{ role: 'runner', point }], ...guard, proof: 'none', prober: 'none', forever: join(me.desk, 'no') };
  writeFileSync(orders, JSON.stringify({ ...parts, state: me.env['ROUTERCTL_STATE'], trace }));
  const [command = '', ...rest] = [...enter(me.lab.home), process.execPath, faultyProgram, orders];
  const child: ChildProcess = spawn(command, [...rest, 'run', 'exec', created.path, '--by', 'runner'], {
    env: me.env,
    stdio: 'ignore',
    detached: true,
  });
  const signal = await new Promise((done) => child.on('close', (_code, how) => done(how)));
  if (signal !== 'SIGKILL') throw new Error(`the runner was not killed; these moments there were:\n${readFileSync(trace, 'utf8')}`);
  if (isGuarded) await until('the guard finishes', () => exitCodeOf(created.path) !== null, 120_000);
  else {
    const resumed = await me.routerctl('resume', created.runId);
    if (resumed.code !== exitCodeOf(created.path)) throw new Error(`resume ended with ${resumed.code}: ${resumed.out}${resumed.err}`);
  }
  return exitCodeOf(created.path);
}

async function plannedRun(me: Operator, to: string): Promise<RunFolder> {
  const file = join(me.desk, `plan-${Date.now()}`);
  const { code, out, err } = await me.routerctl('plan', 'upgrade', '--to', to, '--out', file);
  if (code !== 0) throw new Error(`no plan: ${out}${err}`);
  const shell = await openShell();
  const order = runOrder(shell, { limitMs: 600_000, window: null, changeRef: null, approval: null, overrides: [] });
  return runFoldersNode(String(me.env['ROUTERCTL_STATE'])).create(me.lab.home, await readPlan(shell.signing.files, file), order);
}

function exitCodeOf(folder: string): unknown {
  try {
    return (JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as { readonly exitCode: unknown }).exitCode;
  } catch {
    return null;
  }
}
