// A run that had ended and was opened again to be taken back has two stories: its own, and that of the last attempt.
import { RouterctlError } from '../core/errors.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import { type Availability, availabilityOf, type ProbeSample } from '../report/availability.js';
import { PROBE_EVERY_MS, probeSpans, probeStartsMs } from './probe-run.js';
import { eventsOf } from './run-events.js';
import type { Shell } from './shell.js';

export interface LastAttempt {
  readonly startedMs: number;
  readonly availability: Availability | null;
}

/** When the lease was last taken to open the run again; null for a run that never was. */
export function attemptStartMs(events: readonly RunEvent[]): number | null {
  const opened = events.findLast((event) => event.type === 'lease-taken' && event.data.by === 'rollback');
  return opened === undefined ? null : Date.parse(opened.ts);
}

/** What users noticed of the last attempt alone; null when it is the whole run, or its journal cannot be read. */
export function lastAttempt(shell: Shell, folder: RunFolder): LastAttempt | null {
  try {
    const events = eventsOf(shell, folder);
    const startedMs = attemptStartMs(events);
    return startedMs === null
      ? null
      : { startedMs, availability: attemptAvailability(shell.probeLog(folder).read().lines, events, startedMs) };
  } catch (error) {
    if (error instanceof RouterctlError) return null;
    throw error;
  }
}

export function attemptAvailability(samples: readonly ProbeSample[], events: readonly RunEvent[], startedMs: number): Availability | null {
  const own = samples.filter(({ atMs }) => atMs >= startedMs);
  const spans = probeSpans(events, Date.parse(events.at(-1)?.ts ?? '')).filter(({ toMs }) => toMs > startedMs);
  return availabilityOf(own, PROBE_EVERY_MS, probeStartsMs(events), spans);
}
