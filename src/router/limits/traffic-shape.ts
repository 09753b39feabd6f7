// Evens out a caller's bursts: a bucket of turns that fills at a steady rate. It is kept as the one moment at which it would be
// full again, so that a new rate from a reloaded config holds from the next request on, and as the turns that were given back
// and are still ahead.

export interface ShapeSettings {
  readonly requests_per_second: number;
  readonly burst: number;
  readonly max_wait_ms: number;
}

/** A request's turn. */
export interface TakenTurn {
  readonly waitMs: number;
  /** When it comes. */
  readonly atMs: number;
  /** When the bucket would be full again without this turn, and with it. */
  readonly fullBeforeMs: number;
  readonly fullAfterMs: number;
}

/** The turn; or, when the wait for it is too long and none was taken, the time until asking would help. */
export type Turn = TakenTurn | { readonly retryAfterMs: number };

export class TrafficShape {
  #fullAtMs = Number.NEGATIVE_INFINITY;
  /** In the order in which they come. Others wait for turns behind each of them, so that it can only be taken as it is. */
  #givenBack: readonly TakenTurn[] = [];

  take(nowMs: number, settings: ShapeSettings): Turn {
    this.#givenBack = this.#givenBack.filter(({ atMs }) => atMs >= nowMs);
    const [free, ...others] = this.#givenBack;
    const turn = free === undefined ? this.#next(nowMs, settings) : { ...free, waitMs: free.atMs - nowMs };
    if (turn.waitMs > settings.max_wait_ms) return { retryAfterMs: turn.waitMs - settings.max_wait_ms };
    if (free === undefined) this.#fullAtMs = turn.fullAfterMs;
    else this.#givenBack = others;
    return turn;
  }

  /** Takes back a turn that nobody will use. */
  giveBack(turn: TakenTurn): void {
    this.#givenBack = [...this.#givenBack, turn].sort((one, other) => one.atMs - other.atMs);
    for (let last = this.#givenBack.at(-1); last?.fullAfterMs === this.#fullAtMs; last = this.#givenBack.at(-1)) {
      this.#fullAtMs = last.fullBeforeMs;
      this.#givenBack = this.#givenBack.slice(0, -1);
    }
  }

  /** Nothing of the bucket is in use. */
  isFull(nowMs: number): boolean {
    return this.#fullAtMs <= nowMs;
  }

  #next(nowMs: number, { requests_per_second: rate, burst }: ShapeSettings): TakenTurn {
    const everyMs = 1000 / rate;
    const fullBeforeMs = Math.max(this.#fullAtMs, nowMs);
    const waitMs = Math.max(0, fullBeforeMs - (burst - 1) * everyMs - nowMs);
    return { waitMs, atMs: nowMs + waitMs, fullBeforeMs, fullAfterMs: fullBeforeMs + everyMs };
  }
}
