// Everything that /proc tells about one process of a service, whoever started it and looks after it.
import type { ProcessIdentity, RunningProcess } from '../core/ports/service-processes.js';
import { procArguments, procLink, procText, startedAtMs } from './proc.js';
import { runningProgram } from './running-program.js';

export async function describeProcess({ pid, startTicks }: ProcessIdentity): Promise<RunningProcess> {
  const status = procText(pid, 'status') ?? '';
  const uid = Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? process.geteuid?.());
  const rssKib = Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  return {
    pid,
    startTicks,
    startedAtMs: Math.round(startedAtMs(startTicks)),
    argv: procArguments(pid),
    executable: procLink(pid, 'exe') ?? '',
    program: await runningProgram(pid, startTicks),
    rssBytes: rssKib * 1024,
    foreignUid: uid === process.geteuid?.() ? null : uid,
  };
}
