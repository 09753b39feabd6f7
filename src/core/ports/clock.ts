// Time as the engine sees it: the wall for people, the boot clock for durations and deadlines that survive a clock step.

export interface Clock {
  /** Epoch milliseconds; may jump. */
  nowMs(): number;
  /** Milliseconds since the machine booted, suspend included; never goes back within one boot. */
  bootMs(): number;
  /** Identity of this boot (Linux: /proc/sys/kernel/random/boot_id). */
  bootId(): string;
  /** Resolves after the time, or at once when the signal aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
