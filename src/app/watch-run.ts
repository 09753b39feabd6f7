// Follows a run from outside: hands on every event once, in order, and comes back with its result. It never acts on the run.
import type { RunFolder, RunResult } from '../core/ports/run-folders.js';
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import type { RunEvent } from '../core/run-event.js';
import type { ProbeSample } from '../report/availability.js';
import { eventsOf } from './run-events.js';
import { guardMayCome, isDriven } from './run-standing.js';
import type { Shell } from './shell.js';

export interface Watcher {
  event(event: RunEvent): void;
  /** About ten times a second, with all probe samples so far; `awaited`: nobody drives the run, and its guard should come. */
  tick(nowMs: number, samples: readonly ProbeSample[], awaited: boolean): void;
  /** True ends the watching; the run goes on. */
  leave(): boolean;
}

export type WatchEnd =
  | { readonly how: 'ended'; readonly result: RunResult }
  | { readonly how: 'left' }
  /** The runner that the watcher started ended before its run began; what it printed is in the log. */
  | { readonly how: 'never-began' }
  /** Nobody drives the run any more: a person has to resume it. */
  | { readonly how: 'abandoned' };

const POLL_MS = 100;
/** What a guard gets to take over before the run counts as abandoned. */
export const ABANDONED_MS = 15_000;
/** Between two drivers nobody holds the lease for a moment. */
export const HANDOVER_MS = 1000;

/** `runner` is the process that the watcher itself started; null for one who looks on, and who may come before the first event. */
export async function watchRun(
  shell: Shell,
  folder: RunFolder,
  runner: ProcessIdentity | null,
  watcher: Watcher,
  afterSeq = -1,
): Promise<WatchEnd> {
  const { root } = folder.plan().target;
  const log = shell.probeLog(folder);
  const samples: ProbeSample[] = [];
  let seen = afterSeq;
  let offset = 0;
  let drivenMs = shell.clock.bootMs();
  for (;;) {
    const result = resultAfter(folder, afterSeq);
    for (const event of eventsOf(shell, folder, seen)) {
      watcher.event(event);
      seen = event.seq;
    }
    const read = log.read(offset);
    samples.push(...read.lines);
    offset = read.next;
    const driven = (runner !== null && shell.processes.isAlive(runner)) || isDriven(shell, folder, root);
    if (driven) drivenMs = shell.clock.bootMs();
    const aloneMs = shell.clock.bootMs() - drivenMs;
    const alone = result === null && aloneMs > HANDOVER_MS;
    const awaited = alone && aloneMs <= ABANDONED_MS && mayGoOn(shell, folder);
    watcher.tick(shell.clock.nowMs(), samples, awaited);
    if (result !== null) return { how: 'ended', result };
    if (watcher.leave()) return { how: 'left' };
    if (!driven && runner !== null && seen === afterSeq) return endedBeforeAnyEvent(folder, afterSeq);
    if (alone && !awaited) return { how: 'abandoned' };
    await shell.clock.sleep(POLL_MS);
  }
}

/** A result counts only when it speaks of something later than what was known when the watching began. */
function resultAfter(folder: RunFolder, seq: number): RunResult | null {
  const result = folder.result();
  return result === null || result.lastSeq <= seq ? null : result;
}

function endedBeforeAnyEvent(folder: RunFolder, seq: number): WatchEnd {
  const result = resultAfter(folder, seq);
  return result === null ? { how: 'never-began' } : { how: 'ended', result };
}

/** Before the first event a runner may still be on its way. */
function mayGoOn(shell: Shell, folder: RunFolder): boolean {
  const events = eventsOf(shell, folder);
  return events.length === 0 || guardMayCome(shell, events);
}
