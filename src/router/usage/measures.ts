// What the reports add up, as whole numbers, so that every way to group the same requests gives the same total: money in
// billionths of a dollar, rates in tenths. The names are columns of `usage_rollup`.
import type { UsageRow } from './usage-row.js';

/** The columns of a usage row that rollups are made from. */
export const measuredColumns = [
  'ts',
  'caller_id',
  'token_id',
  'caller_user',
  'caller_project',
  'caller_environment',
  'resolved_group',
  'target_provider',
  'target_model',
  'status',
  'error',
  'cache',
  'stream',
  'attempts',
  'fallback_used',
  'latency_ms',
  'ttfb_ms',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'reasoning_tokens',
  'input_cost_usd',
  'image_cost_usd',
  'output_cost_usd',
  'total_cost_usd',
  'upstream_reported_total_cost_usd',
  'upstream_output_tokens_per_sec',
  'downstream_output_tokens_per_sec',
] as const satisfies readonly (keyof UsageRow)[];

export type MeasuredRow = Pick<UsageRow, (typeof measuredColumns)[number]>;

export const measures = [
  'requests',
  'errors',
  'streams',
  'attempts',
  'fallbacks',
  'cache_hits',
  'cache_misses',
  'cache_bypass',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'reasoning_tokens',
  'input_cost_nano_usd',
  'image_cost_nano_usd',
  'output_cost_nano_usd',
  'total_cost_nano_usd',
  'billed_cost_nano_usd',
  'billed_requests',
  'latency_ms_sum',
  'ttfb_ms_sum',
  'ttfb_requests',
  'upstream_rate_tenths_sum',
  'upstream_rate_requests',
  'downstream_rate_tenths_sum',
  'downstream_rate_requests',
  'latency_ms_max',
] as const;
export type Measure = (typeof measures)[number];
/** The one that is not a sum; the last one. */
export const maximum: Measure = 'latency_ms_max';
const maximumAt = measures.length - 1;

/** One number for each of `measures`, in their order. */
export type Sums = Float64Array;

export function noSums(): Sums {
  return new Float64Array(measures.length);
}

/** In the order of `measures`, without a loop: this runs for every request. */
export function addRow(sums: Sums, row: MeasuredRow): void {
  let at = 0;
  const add = (value: number): void => {
    sums[at] = (sums[at] ?? 0) + value;
    at += 1;
  };
  add(1);
  add(row.error !== null || row.status >= 400 ? 1 : 0);
  add(row.stream);
  add(row.attempts);
  add(row.fallback_used);
  add(row.cache === 'hit' ? 1 : 0);
  add(row.cache === 'miss' ? 1 : 0);
  add(row.cache === 'bypass' ? 1 : 0);
  add(row.input_tokens);
  add(row.output_tokens);
  add(row.total_tokens);
  add(row.reasoning_tokens);
  add(nano(row.input_cost_usd));
  add(nano(row.image_cost_usd));
  add(nano(row.output_cost_usd));
  add(nano(row.total_cost_usd));
  add(nano(row.upstream_reported_total_cost_usd ?? 0));
  add(row.upstream_reported_total_cost_usd === null ? 0 : 1);
  add(row.latency_ms);
  add(row.ttfb_ms ?? 0);
  add(row.ttfb_ms === null ? 0 : 1);
  add(tenths(row.upstream_output_tokens_per_sec));
  add(row.upstream_output_tokens_per_sec === null ? 0 : 1);
  add(tenths(row.downstream_output_tokens_per_sec));
  add(row.downstream_output_tokens_per_sec === null ? 0 : 1);
  sums[maximumAt] = Math.max(sums[maximumAt] ?? 0, row.latency_ms);
}

function nano(usd: number): number {
  return Math.round(usd * 1e9);
}

function tenths(rate: number | null): number {
  return Math.round((rate ?? 0) * 10);
}

export function addSums(sums: Sums, more: ArrayLike<number>): void {
  for (let at = 0; at < maximumAt; at += 1) sums[at] = (sums[at] ?? 0) + (more[at] ?? 0);
  sums[maximumAt] = Math.max(sums[maximumAt] ?? 0, more[maximumAt] ?? 0);
}

export function measureOf(sums: ArrayLike<number>, measure: Measure): number {
  return sums[measures.indexOf(measure)] ?? 0;
}
