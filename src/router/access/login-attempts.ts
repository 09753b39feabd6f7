// Counts failed logins by address and by user name. An attempt counts as failed until it has succeeded, so that many guesses sent
// at the same moment are not all free.

export interface AttemptLimit {
  readonly max: number;
  readonly windowMs: number;
}

/** Addresses and names that are remembered at the same time; the oldest go first. */
const capacity = 10_000;

export class LoginAttempts {
  readonly #failures = new Map<string, number[]>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Opens an attempt; a number is the seconds after which one may try again. The answer takes the attempt back when it succeeded. */
  begin(keys: readonly string[], limit: AttemptLimit): number | (() => void) {
    const now = this.#nowMs();
    const recent = keys.map((key) => (this.#failures.get(key) ?? []).filter((at) => at > now - limit.windowMs));
    const blockedUntil = recent.map((times) => (times.length < limit.max ? 0 : (times.at(-limit.max) ?? 0) + limit.windowMs));
    const wait = Math.max(0, ...blockedUntil) - now;
    if (blockedUntil.some((until) => until > 0)) return Math.max(1, Math.ceil(wait / 1000));
    for (const [index, key] of keys.entries()) this.#keep(key, [...(recent[index] ?? []), now]);
    return () => {
      for (const key of keys) this.#forget(key, now);
    };
  }

  #keep(key: string, times: number[]): void {
    this.#failures.delete(key);
    this.#failures.set(key, times);
    if (this.#failures.size > capacity) for (const oldest of this.#failures.keys()) return void this.#failures.delete(oldest);
  }

  #forget(key: string, at: number): void {
    const times = this.#failures.get(key);
    const index = times?.indexOf(at) ?? -1;
    if (times === undefined || index === -1) return;
    times.splice(index, 1);
    if (times.length === 0) this.#failures.delete(key);
  }
}
