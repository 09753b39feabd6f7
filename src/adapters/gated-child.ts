// A child that exists, and can be put on record, before its program runs: it waits on a gate that only its parent opens.
// When the parent dies before that, the gate closes and the child ends without having run anything.
import { type ChildProcess, spawn } from 'node:child_process';
import { RouterctlError } from '../core/errors.js';
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import { procArguments, procStat } from './proc.js';

const gateName = 'routerctl-gate';
// `read` fails at the end of input, and takes no byte behind its line: the program gets no part of the gate, only what is meant for it.
const gate = 'IFS= read -r go && exec "$@" </dev/null';
const gateBeforeInput = 'IFS= read -r go && exec "$@"';

export interface GatedChild {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity;
  open(): void;
  /** Ends the child, which has not run anything. */
  withdraw(): void;
}

export interface GatedOptions {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdout: number | 'pipe';
  readonly stderr: number | 'pipe';
  readonly input?: string | undefined;
}

/** Leader of a session and process group of its own. */
export async function spawnGated(argv: readonly string[], options: GatedOptions): Promise<GatedChild> {
  const { input } = options;
  const child = spawn('/bin/sh', ['-c', input === undefined ? gate : gateBeforeInput, gateName, ...argv], {
    cwd: options.directory,
    env: options.environment,
    detached: true,
    stdio: ['pipe', options.stdout, options.stderr],
  });
  await new Promise<void>((done, failed) => {
    child.once('spawn', done);
    child.once('error', (error) =>
      failed(
        new RouterctlError('COMMAND_FAILED', `${argv[0] ?? ''} cannot be started in ${options.directory}: ${error.message}`, {
          cause: error,
        }),
      ),
    );
  });
  const pid = child.pid ?? 0;
  // A child that ends early closes its end of the gate; that is told by its exit, not by a broken pipe.
  child.stdin?.on('error', () => undefined);
  const startTicks = procStat(pid)?.startTicks ?? 0;
  return { child, identity: { pid, startTicks }, open: () => child.stdin?.end(`go\n${input ?? ''}`), withdraw: () => child.stdin?.end() };
}

/** Whether that process still waits at its gate. */
export const isGated = (pid: number): boolean => procArguments(pid)[3] === gateName;
