// Evens out a caller's bursts: a bucket of turns that fills at a steady rate. It is kept as the one moment at which it would be
// full again, so that a new rate from a reloaded config holds from the next request on.

export interface ShapeSettings {
  readonly requests_per_second: number;
  readonly burst: number;
  readonly max_wait_ms: number;
}

/** The wait until the request's turn; or, when that is too long and no turn was taken, the time until asking would help. */
export type Turn = { readonly waitMs: number } | { readonly retryAfterMs: number };

export class TrafficShape {
  #fullAtMs = Number.NEGATIVE_INFINITY;

  take(nowMs: number, { requests_per_second: rate, burst, max_wait_ms: maxWaitMs }: ShapeSettings): Turn {
    const everyMs = 1000 / rate;
    const fullAtMs = Math.max(this.#fullAtMs, nowMs);
    const waitMs = Math.max(0, fullAtMs - (burst - 1) * everyMs - nowMs);
    if (waitMs > maxWaitMs) return { retryAfterMs: waitMs - maxWaitMs };
    this.#fullAtMs = fullAtMs + everyMs;
    return { waitMs };
  }

  /** Nothing of the bucket is in use. */
  isFull(nowMs: number): boolean {
    return this.#fullAtMs <= nowMs;
  }
}
