// The time that limits go by. Periods follow the wall clock in UTC; windows and waits follow a clock that nobody can set back.
// A port, so that a test can turn the day.
import { setTimeout as sleepFor } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since the epoch. */
  wallMs(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /** @throws the signal's reason when it is aborted before or meanwhile */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleepFor(ms, undefined, { signal });
    } catch {
      throw signal.reason;
    }
  },
};
