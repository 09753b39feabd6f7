// What stands between a known caller and an upstream: shaping, rates, concurrency and budgets. A ticket is one request's way
// through them: admitted, its tokens and cost reserved before the upstream is asked, closed with what it really used.
import type { EarlyEnd } from '../early-end.js';
import type { UsageRow } from '../usage/usage-row.js';
import type { Clock } from './clock.js';
import { type LimitRefusal, limitError } from './limit-refusal.js';
import type { LimitedCaller, LimitStore, Seat, ShapedCaller, Standing } from './limit-store.js';
import { softLimitsOf } from './soft-limits.js';

export class Limiter {
  readonly #store: LimitStore;
  readonly #clock: Clock;

  constructor(store: LimitStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Waits for the caller's traffic shape, then counts the request against concurrency, rate and request budgets, in this order.
   * @throws GatewayError `traffic-shaped`, `key-exhausted`, `concurrency-exceeded`, `rpm-exceeded` or `quota-exhausted`, with
   * Retry-After where waiting helps; the reason of an early end while waiting
   * @param waited hears how long the request waited for its turn, if it did, also when it did not wait until its end
   */
  async admit(caller: LimitedCaller, early: EarlyEnd, waited: (ms: number) => void): Promise<LimitTicket> {
    const { id, shape } = caller;
    if (shape !== null) await this.#waitForTurn({ id, shape }, early, waited);
    const entered = await this.#store.enter(caller);
    if ('code' in entered) throw limitError(entered);
    return new LimitTicket(this.#store, entered, caller);
  }

  /** What the caller used so far. */
  standing({ id }: Pick<LimitedCaller, 'id'>): Promise<Standing> {
    return this.#store.standing(id);
  }

  async #waitForTurn(caller: ShapedCaller, early: EarlyEnd, waited: (ms: number) => void): Promise<void> {
    const turn = await this.#store.takeTurn(caller);
    if ('retryAfterMs' in turn) {
      const refusal: LimitRefusal = { code: 'traffic-shaped', bucket: 'shape', unit: 'requests', retryAfterMs: turn.retryAfterMs };
      throw limitError(refusal);
    }
    if (turn.waitMs === 0) return;
    const fromMs = this.#clock.monotonicMs();
    try {
      await this.#clock.sleep(turn.waitMs, early.signal);
      waited(Math.round(turn.waitMs));
    } catch (error) {
      this.#store.giveTurnBack(caller, turn);
      waited(Math.round(this.#clock.monotonicMs() - fromMs));
      throw error;
    }
  }
}

export class LimitTicket {
  readonly quotaState: UsageRow['quota_state'];
  readonly keyState: UsageRow['key_state'];
  /** Budgets that are past their soft limit, for a response header: `day-tokens 83%`. */
  readonly warnings: readonly string[];
  readonly #store: LimitStore;
  readonly #seat: Seat;
  readonly #caller: LimitedCaller;

  constructor(store: LimitStore, seat: Seat, caller: LimitedCaller) {
    this.#store = store;
    this.#seat = seat;
    this.#caller = caller;
    const soft = softLimitsOf(caller.budget, seat.standing);
    this.warnings = soft.map(({ bucket, unit, pct }) => `${bucket}-${unit} ${pct}%`);
    this.quotaState = soft.some(({ bucket }) => bucket !== 'lifetime') ? 'soft' : 'ok';
    this.keyState = soft.some(({ bucket }) => bucket === 'lifetime') ? 'soft' : 'active';
  }

  /**
   * Sets tokens and US dollars aside before an upstream is asked.
   * @throws GatewayError `tpm-exceeded`, `quota-exhausted` or `key-exhausted`
   */
  async reserve(tokens: number, costUsd: number): Promise<void> {
    const refusal = await this.#store.reserve(this.#seat, this.#caller, tokens, costUsd);
    if (refusal !== null) throw limitError(refusal);
  }

  /** Ends the request's part in everything that counts, once, always. Null: no upstream was asked, so nothing was used. */
  close(used: { readonly tokens: number; readonly costUsd: number } | null): void {
    this.#store.leave(this.#seat, used);
  }
}
