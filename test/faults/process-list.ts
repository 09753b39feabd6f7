// Which processes of this machine name a path in their arguments: how a test finds what a case has left running.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ListedProcess {
  readonly pid: number;
  readonly argv: readonly string[];
}

export function processesNaming(path: string): readonly ListedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), argv: argvOf(name) }))
    .filter(({ pid, argv }) => argv.some((word) => word.includes(path)) && isAlive(pid));
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX] /.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** By pid, one after another, and waits until they are gone. */
export async function endAll(processes: readonly ListedProcess[]): Promise<void> {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
  while (processes.some(({ pid }) => isAlive(pid))) await sleep(5);
}

function argvOf(name: string): readonly string[] {
  try {
    return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}
