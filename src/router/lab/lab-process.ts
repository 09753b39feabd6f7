// Starts and stops the programs of a practice deployment as an operator would: in a session of their own, with only their
// environment file, a pid file and a log. A process is signalled only while it provably is the one that was meant.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './lab-error.js';

export interface LabProcess {
  /** Symbolic links in the first element are resolved, so that the process names the version that it runs. */
  readonly command: readonly string[];
  readonly directory: string;
  readonly environmentFile: string | null;
  readonly pidFile: string;
  readonly log: string;
}

export function startDetached({ command, directory, environmentFile, pidFile, log }: LabProcess): number {
  const [program = '', ...rest] = command;
  const output = openSync(log, 'a');
  try {
    const child = spawn(realpathSync(program), rest, {
      cwd: directory,
      env: { ...ordinaryEnvironment(), ...(environmentFile === null ? {} : readEnvironmentFile(environmentFile)) },
      detached: true,
      stdio: ['ignore', output, output],
    });
    // A program that cannot be started is seen by whoever waits for it to be ready.
    child.on('error', () => undefined);
    child.unref();
    if (child.pid === undefined) throw new LabError('FILE_MISSING', `${program} could not be started`, 'is it there, and executable?');
    writeFileSync(pidFile, `${child.pid}\n`);
    return child.pid;
  } finally {
    closeSync(output);
  }
}

/** Ends the process of a pid file if it still is one whose command line names `mark`; true when there was one. */
export async function stopByPidFile(pidFile: string, mark: string, patienceMs: number): Promise<boolean> {
  const pid = readPid(pidFile);
  const startTicks = pid === null ? null : startTicksOf(pid);
  if (pid === null || startTicks === null || !names(pid, mark)) return false;
  const alive = (): boolean => startTicksOf(pid) === startTicks;
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    throw new LabError('NOT_PERMITTED', `process ${pid} belongs to another user and was not stopped`, 'ask as that user, or as root');
  }
  const endMs = Date.now() + patienceMs;
  while (alive() && Date.now() < endMs) await sleep(10);
  if (alive()) process.kill(pid, 'SIGKILL');
  while (alive()) await sleep(10);
  rmSync(pidFile, { force: true });
  return true;
}

/** Whether the process of a pid file is there and names `mark` in its command line. */
export function livesByPidFile(pidFile: string, mark: string): boolean {
  const pid = readPid(pidFile);
  return pid !== null && isRunning(pid) && names(pid, mark);
}

function names(pid: number, mark: string): boolean {
  return commandLineOf(pid).some((word) => word.includes(mark));
}

export function isRunning(pid: number): boolean {
  return startTicksOf(pid) !== null;
}

function ordinaryEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env;
  return { ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }), ...(LANG === undefined ? {} : { LANG }) };
}

function readEnvironmentFile(path: string): NodeJS.ProcessEnv {
  const lines = readFileSync(path, 'utf8').split('\n');
  const pairs = lines.flatMap((line) => {
    const [, key, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value ?? ''] as const];
  });
  return Object.fromEntries(pairs);
}

function readPid(pidFile: string): number | null {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 1 ? pid : null;
  } catch (error) {
    // What this user may not see may well run.
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return null;
    throw new LabError(
      'NOT_PERMITTED',
      `it cannot be told what runs: ${pidFile} cannot be read by this user`,
      'ask as the user who started it, or as root',
    );
  }
}

/** Field 22 of /proc/<pid>/stat; null when there is no such process or it has ended and only waits for its parent. */
function startTicksOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : Number(fields[19]);
  } catch {
    return null;
  }
}

function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
