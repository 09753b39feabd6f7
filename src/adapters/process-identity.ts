// Who a process is: pid and start time together, since the kernel gives pids out again.
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import { procStat } from './proc.js';

export function isProcessAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return procStat(pid)?.startTicks === startTicks;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTicks: procStat(process.pid)?.startTicks ?? 0 };
}
