// Reports asked as JSON, in the name of an administrator.
import { expect } from 'vitest';
import type { Figures, Group } from '../../../src/router/reports/summary-document.js';
import { basic, visit } from '../access/admin-room.js';
import type { StartedRouter } from '../started-router.js';

export const groupings = [
  'byToken',
  'byCaller',
  'byProject',
  'byEnvironment',
  'byGroup',
  'byProvider',
  'byModel',
  'byStatus',
  'byCache',
  'byLatencyBand',
  'byTokenBand',
  'byCostBand',
] as const;

export type Summary = Readonly<Record<(typeof groupings)[number], readonly Group[]>> & {
  readonly summary: Figures & { readonly latency: Record<'p50' | 'p95' | 'p99', number>; readonly ttft: Record<'p50' | 'p99', number> };
  readonly series: readonly (Record<string, number> & { readonly timeUtc: string })[];
  readonly requests: readonly { readonly request_id: string }[];
  readonly pagination: { readonly total_count: number; readonly has_more: boolean; readonly next_cursor: string | null };
  readonly cache: { readonly hits: number; readonly misses: number; readonly bypass: number; readonly hitRate: number };
  readonly period: { readonly from: string; readonly to: string };
  readonly seriesStepSeconds: number;
  readonly charts: readonly { readonly id: string }[];
};

export async function summaryOf(router: StartedRouter, query: string, username = 'root'): Promise<Summary> {
  const answer = await visit(router, `/admin/reports/api/summary?${query}`, { headers: basic(username) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Summary;
}

/** Grouping and member of every total that is not the ungrouped one. */
export function disagreements({ summary, series, ...groups }: Summary): readonly string[] {
  const counted = ['requests', 'errors', 'totalTokens', 'inputTokens', 'outputTokens', 'attempts', 'fallbacks', 'streams'] as const;
  const money = ['totalCostUsd', 'inputCostUsd', 'imageCostUsd', 'outputCostUsd'] as const;
  const nano = (usd: number): number => Math.round(usd * 1e9);
  const ofGroups = groupings.flatMap((grouping) => [
    ...counted
      .filter((member) => groups[grouping].reduce((sum, group) => sum + group[member], 0) !== summary[member])
      .map((member) => `${grouping} ${member}`),
    ...money
      .filter((member) => groups[grouping].reduce((sum, group) => sum + nano(group[member]), 0) !== nano(summary[member]))
      .map((member) => `${grouping} ${member}`),
  ]);
  const inSeries = (['requests', 'errors', 'tokens', 'fallbacks'] as const).filter(
    (member) => series.reduce((sum, point) => sum + (point[member] ?? 0), 0) !== summary[member],
  );
  return [...ofGroups, ...inSeries.map((member) => `series ${member}`)];
}
