// What one caller used of one budget period: what is settled for good, and what open requests hold until they end.
import type { CallerTotal } from '../usage/usage-database.js';
import { endsInMs } from './budget-periods.js';
import type { BudgetUnit, LimitRefusal } from './limit-refusal.js';
import type { Amount } from './limit-store.js';

type Budget = { readonly [unit in BudgetUnit]?: number | undefined };

const members: Readonly<Record<BudgetUnit, keyof Amount>> = { requests: 'requests', tokens: 'tokens', cost_usd: 'costUsd' };
export const nothing: Amount = { requests: 0, tokens: 0, costUsd: 0 };
/** An open request that holds what another one needs may end at any moment. */
const openRequestMs = 1000;

export class PeriodUse {
  readonly bucket: 'day' | 'month' | 'lifetime';
  /** `YYYY-MM-DD`, `YYYY-MM`, or empty for the lifetime. */
  readonly name: string;
  #settled: Amount = nothing;
  #held: Amount = nothing;

  constructor(bucket: PeriodUse['bucket'], name: string) {
    this.bucket = bucket;
    this.name = name;
  }

  /** As in the database. */
  get key(): string {
    return this.name === '' ? this.bucket : `${this.bucket}:${this.name}`;
  }

  get settled(): Amount {
    return this.#settled;
  }

  /** What the database knows, which is everything that was settled when it was asked. */
  load(total: CallerTotal | undefined, whenAsked: Amount): void {
    const since = plus(this.#settled, negative(whenAsked));
    this.#settled = total === undefined ? since : plus(since, { ...total, costUsd: total.cost_usd });
  }

  hold(amount: Amount): void {
    this.#held = plus(this.#held, amount);
  }

  /** Puts what was used in the place of what was held. */
  settle(held: Amount, used: Amount): void {
    this.#held = plus(this.#held, negative(held));
    this.#settled = plus(this.#settled, used);
  }

  /** With the requests that are open, without the tokens and money that they hold. */
  get used(): Amount {
    return { ...this.#settled, requests: this.#settled.requests + this.#held.requests };
  }

  isUsedUp(budget: Budget | undefined, unit: BudgetUnit): boolean {
    const limit = budget?.[unit];
    return limit !== undefined && this.#settled[members[unit]] >= limit;
  }

  /** Why an amount does not fit into what is left; null when it fits, and when it is nothing. */
  refusal(budget: Budget | undefined, unit: BudgetUnit, amount: number, wallMs: number): LimitRefusal | null {
    const limit = budget?.[unit];
    if (limit === undefined || amount === 0) return null;
    const settled = this.#settled[members[unit]];
    if (roundUsd(settled + this.#held[members[unit]] + amount) <= limit) return null;
    const code = this.bucket === 'lifetime' ? 'key-exhausted' : 'quota-exhausted';
    return { code, bucket: this.bucket, unit, retryAfterMs: this.#retryAfterMs(limit, settled, amount, wallMs) };
  }

  #retryAfterMs(limit: number, settled: number, amount: number, wallMs: number): number | null {
    if (amount > limit) return null;
    return roundUsd(settled + amount) <= limit ? openRequestMs : endsInMs(this.bucket, wallMs);
  }
}

function plus(left: Amount, right: Amount): Amount {
  return {
    requests: left.requests + right.requests,
    tokens: left.tokens + right.tokens,
    costUsd: roundUsd(left.costUsd + right.costUsd),
  };
}

function negative({ requests, tokens, costUsd }: Amount): Amount {
  return { requests: -requests, tokens: -tokens, costUsd: -costUsd };
}

/** Sums of fractions drift; prices do not go below 1e-9. */
function roundUsd(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
