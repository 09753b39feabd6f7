// Which budgets are nearly used up, so that a caller hears of it before the first refusal.
import type { Amount, LimitedCaller, Standing } from './limit-store.js';

export interface SoftLimit {
  readonly bucket: 'day' | 'month' | 'lifetime';
  readonly unit: 'requests' | 'tokens' | 'cost';
  /** Whole per cent of the budget, rounded down. */
  readonly pct: number;
}

const units = [
  ['requests', 'requests', 'requests'],
  ['tokens', 'tokens', 'tokens'],
  ['cost', 'cost_usd', 'costUsd'],
] as const;

/** The budgets of which at least `soft_pct` per cent are used, this request counted among the requests. */
export function softLimitsOf(
  budget: LimitedCaller['budget'],
  standing: Pick<Standing, 'day' | 'month' | 'lifetime'>,
): readonly SoftLimit[] {
  const found: SoftLimit[] = [];
  for (const bucket of ['day', 'month', 'lifetime'] as const) {
    const limits = budget[bucket];
    if (limits === undefined) continue;
    const used: Amount = standing[bucket];
    for (const [unit, key, member] of units) {
      const limit = limits[key];
      if (limit === undefined) continue;
      // Fractions of a dollar are not exact; a hair below the mark is the mark.
      const pct = limit === 0 ? 100 : (used[member] * 100) / limit + 1e-9;
      if (pct >= budget.soft_pct) found.push({ bucket, unit, pct: Math.floor(pct) });
    }
  }
  return found;
}
