// Everything that counts for the limits of one caller in this process. Each method is done as a whole, since nothing here waits:
// what one request was promised, no other one is.
import type { CallerTotal } from '../usage/usage-database.js';
import type { Periods } from './budget-periods.js';
import type { LimitRefusal } from './limit-refusal.js';
import type { Amount, LimitedCaller, Seat, Standing } from './limit-store.js';
import { nothing, PeriodUse } from './period-use.js';
import { SlidingWindow } from './sliding-window.js';
import { TrafficShape } from './traffic-shape.js';

export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export interface AccountSeat extends Seat {
  readonly account: CallerAccount;
  /** The periods in which the request counts, however long it lasts. */
  readonly periods: readonly PeriodUse[];
  readonly requestSlot: number;
  tokenSlot: number;
  held: Amount;
}

const aRequest: Amount = { requests: 1, tokens: 0, costUsd: 0 };
const openRequestMs = 1000;

export class CallerAccount {
  /** What the database knows was read in. */
  loaded = false;
  loading: Promise<void> | null = null;
  loadAgainMs = 0;
  readonly shape = new TrafficShape();
  readonly #callerId: string;
  readonly #requests = new SlidingWindow();
  readonly #tokens = new SlidingWindow();
  #open = 0;
  #day: PeriodUse;
  #month: PeriodUse;
  readonly #lifetime = new PeriodUse('lifetime', '');
  /** The day and the month before these, for a clock that had jumped ahead. */
  #left: readonly PeriodUse[] = [];

  constructor(callerId: string, { day, month }: Periods) {
    this.#callerId = callerId;
    this.#day = new PeriodUse('day', day);
    this.#month = new PeriodUse('month', month);
  }

  get periods(): readonly PeriodUse[] {
    return [this.#day, this.#month, this.#lifetime];
  }

  /** Asks for what is in the database; null says that it cannot be read. Requests may end while the answer is on its way. */
  async load(ask: (periods: readonly string[]) => Promise<readonly CallerTotal[] | null>): Promise<void> {
    const { periods } = this;
    const before = periods.map(({ settled }) => settled);
    const totals = await ask(periods.map(({ key }) => key));
    if (totals === null) return;
    for (const [index, period] of periods.entries())
      period.load(
        totals.find((total) => total.period === period.key),
        before[index] ?? nothing,
      );
    this.loaded = true;
  }

  /** Requests of before this process. */
  remember(atMs: number, requests: number, tokens: number): void {
    this.#requests.add(atMs, requests);
    this.#tokens.add(atMs, tokens);
  }

  /** Begins new periods. A clock that is set back gives no budget anew: it leads to the period that was left, or nowhere. */
  turnTo({ day, month }: Periods): void {
    this.#day = this.#turned(this.#day, day);
    this.#month = this.#turned(this.#month, month);
  }

  enter({ rate, budget }: LimitedCaller, now: Moment): AccountSeat | LimitRefusal {
    const refusal = this.#usedUp(budget) ?? this.#overRate(rate, now) ?? this.#overBudget(budget, 'requests', 1, now);
    if (refusal !== null) return refusal;
    this.#open += 1;
    const { periods } = this;
    for (const period of periods) period.hold(aRequest);
    const requestSlot = this.#requests.add(now.monotonicMs, 1);
    return {
      account: this,
      callerId: this.#callerId,
      standing: this.standing(),
      periods,
      requestSlot,
      tokenSlot: requestSlot,
      held: aRequest,
    };
  }

  reserve(seat: AccountSeat, { rate, budget }: LimitedCaller, tokens: number, costUsd: number, now: Moment): LimitRefusal | null {
    const refusal =
      this.#overTokenRate(rate.tpm, tokens, now) ??
      this.#overBudget(budget, 'tokens', tokens, now) ??
      this.#overBudget(budget, 'cost_usd', costUsd, now);
    if (refusal !== null) return refusal;
    for (const period of seat.periods) period.hold({ requests: 0, tokens, costUsd });
    seat.held = { requests: 1, tokens, costUsd };
    seat.tokenSlot = this.#tokens.add(now.monotonicMs, tokens);
    return null;
  }

  leave({ periods, held, requestSlot, tokenSlot }: AccountSeat, used: { readonly tokens: number; readonly costUsd: number } | null): void {
    this.#open -= 1;
    for (const period of periods) period.settle(held, used === null ? nothing : { requests: 1, ...used });
    if (used === null) this.#requests.change(requestSlot, -1);
    this.#tokens.change(tokenSlot, (used?.tokens ?? 0) - held.tokens);
  }

  standing(): Standing {
    return {
      dayName: this.#day.name,
      monthName: this.#month.name,
      day: this.#day.used,
      month: this.#month.used,
      lifetime: this.#lifetime.used,
      openRequests: this.#open,
    };
  }

  /** Nothing would be forgotten that the database does not know. */
  isIdle(nowMs: number): boolean {
    return this.loaded && this.#open === 0 && this.shape.isFull(nowMs) && this.#requests.sum(nowMs) === 0 && this.#tokens.sum(nowMs) === 0;
  }

  #turned(now: PeriodUse, name: string): PeriodUse {
    if (name === now.name) return now;
    const left = this.#left.find((period) => period.bucket === now.bucket);
    const known = left?.name === name ? left : null;
    if (known === null && name < now.name) return now;
    this.#left = [...this.#left.filter((period) => period !== left), now];
    return known ?? new PeriodUse(now.bucket, name);
  }

  /** A lifetime that is used up in one unit is used up. */
  #usedUp({ lifetime }: LimitedCaller['budget']): LimitRefusal | null {
    const unit = (['requests', 'tokens', 'cost_usd'] as const).find((each) => this.#lifetime.isUsedUp(lifetime, each));
    return unit === undefined ? null : { code: 'key-exhausted', bucket: 'lifetime', unit, retryAfterMs: null };
  }

  #overRate({ concurrent, rpm }: LimitedCaller['rate'], { monotonicMs }: Moment): LimitRefusal | null {
    if (concurrent !== undefined && this.#open >= concurrent)
      return { code: 'concurrency-exceeded', bucket: 'open', unit: 'requests', retryAfterMs: openRequestMs };
    const excess = this.#requests.sum(monotonicMs) + 1 - (rpm ?? Number.POSITIVE_INFINITY);
    if (excess <= 0) return null;
    return { code: 'rpm-exceeded', bucket: 'minute', unit: 'requests', retryAfterMs: this.#requests.freesInMs(monotonicMs, excess) };
  }

  #overTokenRate(tpm: number | undefined, tokens: number, { monotonicMs }: Moment): LimitRefusal | null {
    const excess = this.#tokens.sum(monotonicMs) + tokens - (tpm ?? Number.POSITIVE_INFINITY);
    if (excess <= 0) return null;
    return { code: 'tpm-exceeded', bucket: 'minute', unit: 'tokens', retryAfterMs: this.#tokens.freesInMs(monotonicMs, excess) };
  }

  #overBudget(
    budget: LimitedCaller['budget'],
    unit: 'requests' | 'tokens' | 'cost_usd',
    amount: number,
    { wallMs }: Moment,
  ): LimitRefusal | null {
    for (const period of this.periods) {
      const refusal = period.refusal(budget[period.bucket], unit, amount, wallMs);
      if (refusal !== null) return refusal;
    }
    return null;
  }
}
