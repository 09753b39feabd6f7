// The clocks of this machine. The boot clock is Linux's, suspend included, with the finer steps of the monotonic one.
import { readFileSync } from 'node:fs';
import type { Clock } from '../core/ports/clock.js';

/** /proc/uptime counts in steps of 10 ms; a larger difference means that the machine slept. */
const uptimeStepMs = 20;
const rereadMs = 100;

export function clockNode(): Clock {
  let offsetMs: number | null = null;
  let readAt = { monotonicMs: 0, wallMs: 0 };
  let bootId: string | null = null;
  return {
    nowMs: () => Date.now(),
    bootMs() {
      const monotonicMs = Number(process.hrtime.bigint() / 1000n) / 1000;
      // While both clocks went on alike nobody slept, and the file need not be read again.
      const sinceMs = monotonicMs - readAt.monotonicMs;
      if (offsetMs !== null && sinceMs < rereadMs && Math.abs(Date.now() - readAt.wallMs - sinceMs) < uptimeStepMs / 2)
        return monotonicMs + offsetMs;
      readAt = { monotonicMs, wallMs: Date.now() };
      const uptimeMs = Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000;
      if (offsetMs === null || uptimeMs - (monotonicMs + offsetMs) > uptimeStepMs) offsetMs = uptimeMs - monotonicMs;
      return monotonicMs + offsetMs;
    },
    bootId() {
      bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
      return bootId;
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}
