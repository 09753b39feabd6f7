// What a faulty run process is told, and what its trace tells back; `faulty-program.js` reads and writes the same.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lane } from './lane.js';

export type Role = 'runner' | 'guard' | 'resume' | 'rollback';

/** The process with this role kills itself at this moment; or gets another signal, or kills the process of a pid file instead. */
export interface Strike {
  readonly role: Role;
  readonly point: string;
  /** The guards die in the same moment. */
  readonly withGuard?: boolean;
  readonly signal?: 'SIGSTOP' | 'SIGTERM' | 'SIGINT' | 'SIGHUP';
  readonly victim?: string;
}

export interface Orders {
  readonly strikes?: readonly Strike[];
  /** The calls `at`, `at + 1` … of this role, `times` of them, fail with this code of the system; without `times` all that follow. */
  readonly failure?: { readonly role: Role; readonly at: number; readonly times?: number; readonly code: string };
  readonly guard?: 'none';
  readonly prober?: 'none';
  readonly proof?: 'none';
  /** Milliseconds by which the clocks of a role are ahead. */
  readonly clock?: { readonly [role: string]: number };
  /** From this moment on the wall clock of the role is wrong by so much. */
  readonly jump?: { readonly role: Role; readonly point: string; readonly byMs: number };
  readonly tool?: { readonly name: 'routerctl'; readonly version: string };
}

export interface TraceLine {
  readonly pid: number;
  readonly role: string;
  readonly epoch: number;
  readonly point?: string;
  readonly struck?: string;
  readonly started?: number;
  readonly is?: string;
  readonly holds?: number;
  readonly failed?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const faultyProgram = fileURLToPath(new URL('faulty-program.js', import.meta.url));
const ordersFile = (lane: Lane): string => join(lane.work, 'orders.json');
const traceFile = (lane: Lane): string => join(lane.work, 'trace');

export function give(lane: Lane, orders: Orders): void {
  writeFileSync(
    ordersFile(lane),
    JSON.stringify({ ...orders, state: lane.state, trace: traceFile(lane), forever: join(lane.lab.home, 'hook-forever') }),
  );
}

export function traceOf(lane: Lane): readonly TraceLine[] {
  if (!existsSync(traceFile(lane))) return [];
  return readFileSync(traceFile(lane), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as TraceLine);
}

export interface Launched {
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

/** A run process with its orders; `empty` takes its whole environment away. */
export function launch(lane: Lane, args: readonly string[], environment: 'own' | 'empty' = 'own'): Launched {
  const log = openSync(join(lane.work, 'stderr'), 'a');
  const child = spawn(process.execPath, [faultyProgram, ordersFile(lane), ...args], {
    detached: true,
    env: environment === 'empty' ? {} : process.env,
    stdio: ['ignore', 'pipe', log],
  });
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, stdout, stderr: readFileSync(join(lane.work, 'stderr'), 'utf8') }));
  });
  return { pid: child.pid ?? 0, ended };
}
