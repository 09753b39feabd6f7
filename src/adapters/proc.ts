// What Linux tells about a process under /proc, read so that a process which ends meanwhile is simply absent.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

export interface ProcStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly startTicks: number;
}

/** null when there is no such process; a zombie is dead, whoever has not reaped it. */
export function procStat(pid: number): ProcStat | null {
  const text = procText(pid, 'stat');
  if (text === null) return null;
  // The program name is in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? '';
  if (state === 'Z' || state === 'X') return null;
  return { pid, state, parent: Number(fields[1]), group: Number(fields[2]), startTicks: Number(fields[19]) };
}

export function procText(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return null;
  }
}

export function procLink(pid: number, name: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return null;
  }
}

export const procArguments = (pid: number): readonly string[] => (procText(pid, 'cmdline') ?? '').split('\0').slice(0, -1);

/** Its environment at start; null when this user may not read it. */
export function procEnvironment(pid: number): ReadonlySet<string> | null {
  const text = procText(pid, 'environ');
  return text === null ? null : new Set(text.split('\0'));
}

/** The user as whom it acts; null when there is no such process. */
export function procOwner(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
}

export const procIds = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

export function startedAtMs(startTicks: number): number {
  const uptimeSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Date.now() - uptimeSeconds * 1000 + (startTicks * 1000) / ticksPerSecond;
}
