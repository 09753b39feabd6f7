// The limit store of a router that runs alone. A caller's account is made when the caller first asks, from what the usage
// database knows, so that nothing is read ahead for callers who never come, and is forgotten when it has been idle for a minute
// and there are many.
import type { CallerTotal, RecentUse } from '../usage/usage-database.js';
import { type Periods, periodsAt } from './budget-periods.js';
import { type AccountSeat, CallerAccount, type Moment } from './caller-account.js';
import type { Clock } from './clock.js';
import type { LimitRefusal } from './limit-refusal.js';
import type { LimitedCaller, LimitStore, Seat, ShapedCaller, Standing } from './limit-store.js';
import type { TakenTurn, Turn } from './traffic-shape.js';

/** Where what callers used is kept for good. */
export interface UsageHistory {
  /** Everything that ended so far, in periods as in `caller_totals`; null while it cannot be read. */
  used(callerId: string, periods: readonly string[]): Promise<readonly CallerTotal[] | null>;
  /** By caller and second, since a moment in RFC 3339; null when it cannot be read. */
  recent(since: string): Promise<readonly RecentUse[] | null>;
}

const windowMs = 60_000;
const dayMs = 86_400_000;
const loadAgainMs = 1000;
const fewAccounts = 1000;

export class MemoryLimitStore implements LimitStore {
  readonly #history: UsageHistory;
  readonly #clock: Clock;
  readonly #accounts = new Map<string, CallerAccount>();
  #manyAccounts = fewAccounts;
  #today = Number.NaN;
  #periods: Periods = { day: '', month: '' };

  private constructor(history: UsageHistory, clock: Clock) {
    this.#history = history;
    this.#clock = clock;
  }

  /** A store that knows what was asked in the minute before. */
  static async open(history: UsageHistory, clock: Clock): Promise<MemoryLimitStore> {
    const store = new MemoryLimitStore(history, clock);
    await store.#rememberLastMinute();
    return store;
  }

  /** Accounts that are in memory. */
  get size(): number {
    return this.#accounts.size;
  }

  async takeTurn({ id, shape }: ShapedCaller): Promise<Turn> {
    return (await this.#account(id)).shape.take(this.#clock.monotonicMs(), shape);
  }

  giveTurnBack({ id }: ShapedCaller, turn: TakenTurn): void {
    this.#accounts.get(id)?.shape.giveBack(turn);
  }

  async enter(caller: LimitedCaller): Promise<AccountSeat | LimitRefusal> {
    return (await this.#account(caller.id)).enter(caller, this.#now());
  }

  async reserve(seat: Seat, caller: LimitedCaller, tokens: number, costUsd: number): Promise<LimitRefusal | null> {
    const { account } = seat as AccountSeat;
    account.turnTo(this.#periodsNow());
    return account.reserve(seat as AccountSeat, caller, tokens, costUsd, this.#now());
  }

  leave(seat: Seat, used: { readonly tokens: number; readonly costUsd: number } | null): void {
    (seat as AccountSeat).account.leave(seat as AccountSeat, used);
  }

  async standing(callerId: string): Promise<Standing> {
    return (await this.#account(callerId)).standing();
  }

  #now(): Moment {
    return { wallMs: this.#clock.wallMs(), monotonicMs: this.#clock.monotonicMs() };
  }

  async #account(callerId: string): Promise<CallerAccount> {
    const account = this.#accounts.get(callerId) ?? this.#open(callerId, this.#periodsNow());
    if (!account.loaded) await this.#loaded(account, callerId);
    account.turnTo(this.#periodsNow());
    return account;
  }

  #open(callerId: string, periods: Periods): CallerAccount {
    if (this.#accounts.size >= this.#manyAccounts) this.#forgetIdle();
    const account = new CallerAccount(callerId, periods);
    this.#accounts.set(callerId, account);
    return account;
  }

  /**
   * Everyone who asks meanwhile waits for the same answer. A database that cannot be read is asked again later; until then what this
   * process saw counts, and the router is not ready.
   */
  async #loaded(account: CallerAccount, callerId: string): Promise<void> {
    if (account.loading === null && this.#clock.monotonicMs() >= account.loadAgainMs) {
      account.turnTo(this.#periodsNow());
      account.loading = account
        .load((periods) => this.#history.used(callerId, periods))
        .finally(() => {
          account.loading = null;
          account.loadAgainMs = this.#clock.monotonicMs() + loadAgainMs;
        });
    }
    await account.loading;
  }

  #forgetIdle(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [callerId, account] of this.#accounts) if (account.isIdle(nowMs)) this.#accounts.delete(callerId);
    this.#manyAccounts = Math.max(fewAccounts, 2 * this.#accounts.size);
  }

  async #rememberLastMinute(): Promise<void> {
    const { wallMs, monotonicMs } = this.#now();
    const periods = this.#periodsNow();
    for (const { caller_id, ts, requests, tokens } of (await this.#history.recent(new Date(wallMs - windowMs).toISOString())) ?? []) {
      const account = this.#accounts.get(caller_id) ?? this.#open(caller_id, periods);
      account.remember(monotonicMs - Math.max(0, wallMs - Date.parse(ts)), requests, tokens);
    }
  }

  #periodsNow(): Periods {
    const wallMs = this.#clock.wallMs();
    const today = Math.floor(wallMs / dayMs);
    if (today !== this.#today) {
      this.#today = today;
      this.#periods = periodsAt(wallMs);
    }
    return this.#periods;
  }
}
