// A clock that stands still until a test turns it; sleepers wake when it passes their moment.
import type { Clock } from '../../../src/router/limits/clock.js';

export interface SetClock extends Clock {
  /** Goes forward; wall clock and monotonic clock together. */
  forward(ms: number): void;
  /** Sets the wall clock alone, as an operator would. */
  setWall(time: string): void;
  readonly sleepers: number;
}

export function setClock(time: string): SetClock {
  let wallMs = Date.parse(time);
  let monotonicMs = 5000;
  const sleeping = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  return {
    wallMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { untilMs: monotonicMs + ms, wake: resolve };
        sleeping.add(sleeper);
        signal.addEventListener('abort', () => {
          sleeping.delete(sleeper);
          reject(signal.reason);
        });
      }),
    forward: (ms) => {
      wallMs += ms;
      monotonicMs += ms;
      for (const sleeper of sleeping) {
        if (sleeper.untilMs > monotonicMs) continue;
        sleeping.delete(sleeper);
        sleeper.wake();
      }
    },
    setWall: (to) => {
      wallMs = Date.parse(to);
    },
    get sleepers() {
      return sleeping.size;
    },
  };
}
