// The summary as its JSON document, which the pages and the Markdown report are drawn from too, so that no two of them can differ.
// Money in US dollars, durations in milliseconds, moments in RFC 3339 UTC.
import { placeOfDomain } from '../access/policy.js';
import { costBands, latencyBands, tokenBands } from '../usage/bands.js';
import { addSums, type Measure, measureOf, noSums, type Sums } from '../usage/measures.js';
import { partsSeparator } from '../usage/rollup-cells.js';
import { noPercentiles, type Percentiles } from './percentiles.js';
import { noValue, type ReportDimension } from './report-filters.js';
import type { ReportPeriod } from './report-period.js';
import type { GroupFigures, SummaryFigures } from './report-questions.js';

export interface Figures {
  readonly requests: number;
  readonly errors: number;
  /** The same as `totalTokens`. */
  readonly tokens: number;
  readonly totalTokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** The same as `totalCostUsd`. */
  readonly costUsd: number;
  readonly inputCostUsd: number;
  readonly imageCostUsd: number;
  readonly outputCostUsd: number;
  readonly totalCostUsd: number;
  /** What providers said they bill, for so many of the requests. */
  readonly upstreamReportedCostUsd: number;
  readonly upstreamReportedRequests: number;
  readonly attempts: number;
  readonly fallbacks: number;
  readonly streams: number;
  readonly avgLatencyMs: number | null;
  readonly maxLatencyMs: number | null;
  readonly avgTtfbMs: number | null;
  readonly avgUpstreamOutputTokensPerSec: number | null;
  readonly avgDownstreamWriteOutputTokensPerSec: number | null;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly cacheBypass: number;
}

export interface Group extends Figures {
  readonly value: string;
}

export interface TokenGroup extends Group {
  readonly tokenId: string;
  readonly ownerUser: string;
  readonly project: string;
  readonly environment: string;
  readonly callerId: string;
}

export interface SeriesPoint {
  /** Where the stretch begins. */
  readonly timeUtc: string;
  readonly requests: number;
  readonly errors: number;
  readonly tokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly fallbacks: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly cacheBypass: number;
  /** Means; null without a request. */
  readonly latencyMs: number | null;
  readonly ttfbMs: number | null;
  readonly latency: Percentiles;
  readonly ttft: Percentiles;
}

export interface SummaryDocument {
  readonly period: { readonly from: string; readonly to: string };
  readonly summary: Figures & { readonly latency: Percentiles; readonly ttft: Percentiles };
  readonly seriesStepSeconds: number;
  readonly series: readonly SeriesPoint[];
  readonly groups: Readonly<Record<ReportDimension, readonly Group[]>>;
  readonly tokens: readonly TokenGroup[];
  readonly cache: { readonly hits: number; readonly misses: number; readonly bypass: number; readonly hitRate: number | null };
}

export function summaryDocument(period: ReportPeriod, figures: SummaryFigures): SummaryDocument {
  const summary = { ...figuresOf(figures.total), latency: figures.latency, ttft: figures.ttft };
  const { cacheHits: hits, cacheMisses: misses, cacheBypass: bypass } = summary;
  const { groups } = figures;
  const part = (at: number) => (value: string) => value.split(partsSeparator)[at] ?? '';
  const places = (which: 'project' | 'environment') =>
    grouped(groups.domain.map((group) => ({ ...group, value: placeOfDomain(group.domain)[which] })));
  return {
    period: { from: iso(period.fromMs), to: iso(period.toMs) },
    summary,
    seriesStepSeconds: figures.slotMs / 1000,
    series: series(period, figures),
    groups: {
      caller: grouped(groups.token, part(1)),
      token: grouped(groups.token, part(0)),
      project: places('project'),
      environment: places('environment'),
      model_group: grouped(groups.model_group),
      provider: grouped(groups.model, part(1)),
      model: grouped(groups.model, part(0)),
      status: grouped(groups.status),
      cache: grouped(groups.cache),
      latency_band: inOrder(grouped(groups.latency_band), latencyBands),
      token_band: inOrder(grouped(groups.token_band), tokenBands),
      cost_band: inOrder(grouped(groups.cost_band), costBands),
    },
    tokens: groups.token.map(tokenGroup).sort(byRequests),
    cache: { hits, misses, bypass, hitRate: hits + misses === 0 ? null : hits / (hits + misses) },
  };
}

export function figuresOf(numbers: ArrayLike<number>): Figures {
  const sums = Float64Array.from(numbers);
  const of = (measure: Measure): number => measureOf(sums, measure);
  const usd = (measure: Measure): number => of(measure) / 1e9;
  const mean = (sum: Measure, count: Measure, scale = 1): number | null =>
    of(count) === 0 ? null : Math.round((of(sum) * 10) / scale / of(count)) / 10;
  return {
    requests: of('requests'),
    errors: of('errors'),
    tokens: of('total_tokens'),
    totalTokens: of('total_tokens'),
    inputTokens: of('input_tokens'),
    outputTokens: of('output_tokens'),
    reasoningTokens: of('reasoning_tokens'),
    costUsd: usd('total_cost_nano_usd'),
    inputCostUsd: usd('input_cost_nano_usd'),
    imageCostUsd: usd('image_cost_nano_usd'),
    outputCostUsd: usd('output_cost_nano_usd'),
    totalCostUsd: usd('total_cost_nano_usd'),
    upstreamReportedCostUsd: usd('billed_cost_nano_usd'),
    upstreamReportedRequests: of('billed_requests'),
    attempts: of('attempts'),
    fallbacks: of('fallbacks'),
    streams: of('streams'),
    avgLatencyMs: mean('latency_ms_sum', 'requests'),
    maxLatencyMs: of('requests') === 0 ? null : of('latency_ms_max'),
    avgTtfbMs: mean('ttfb_ms_sum', 'ttfb_requests'),
    avgUpstreamOutputTokensPerSec: mean('upstream_rate_tenths_sum', 'upstream_rate_requests', 10),
    avgDownstreamWriteOutputTokensPerSec: mean('downstream_rate_tenths_sum', 'downstream_rate_requests', 10),
    cacheHits: of('cache_hits'),
    cacheMisses: of('cache_misses'),
    cacheBypass: of('cache_bypass'),
  };
}

/** Groups whose values name the same thing become one; the largest come first. */
function grouped(figures: readonly GroupFigures[], nameOf = (value: string): string => value): readonly Group[] {
  const byName = new Map<string, Sums>();
  for (const { value, sums } of figures) {
    const name = nameOf(value) || noValue;
    const known = byName.get(name) ?? noSums();
    addSums(known, sums);
    byName.set(name, known);
  }
  return [...byName].map(([value, sums]) => ({ value, ...figuresOf(sums) })).sort(byRequests);
}

function byRequests(one: Group, other: Group): number {
  return other.requests - one.requests || (one.value < other.value ? -1 : 1);
}

function inOrder(groups: readonly Group[], bands: readonly { readonly name: string }[]): readonly Group[] {
  const rank = (value: string): number => bands.findIndex(({ name }) => name === value);
  return groups.toSorted((one, other) => rank(one.value) - rank(other.value));
}

function tokenGroup({ value, domain, sums }: GroupFigures): TokenGroup {
  const [tokenId = '', callerId = '', ownerUser = ''] = value.split(partsSeparator);
  return { value: tokenId, tokenId, ownerUser, ...placeOfDomain(domain), callerId, ...figuresOf(sums) };
}

/** Every stretch of the period, also those in which nothing happened. */
function series(period: ReportPeriod, { slotMs, slots }: SummaryFigures): readonly SeriesPoint[] {
  const known = new Map(slots.map((slot) => [slot.startMs, slot]));
  const first = Math.floor(period.fromMs / slotMs) * slotMs;
  const last = Math.max(Math.floor((period.toMs - 1) / slotMs) * slotMs, slots.at(-1)?.startMs ?? 0);
  const points: SeriesPoint[] = [];
  for (let startMs = first; startMs <= last; startMs += slotMs) {
    const slot = known.get(startMs);
    const sums = figuresOf(slot?.sums ?? noSums());
    points.push({
      timeUtc: iso(startMs),
      requests: sums.requests,
      errors: sums.errors,
      tokens: sums.tokens,
      inputTokens: sums.inputTokens,
      outputTokens: sums.outputTokens,
      costUsd: sums.costUsd,
      fallbacks: sums.fallbacks,
      cacheHits: sums.cacheHits,
      cacheMisses: sums.cacheMisses,
      cacheBypass: sums.cacheBypass,
      latencyMs: sums.avgLatencyMs,
      ttfbMs: sums.avgTtfbMs,
      latency: slot?.latency ?? noPercentiles,
      ttft: slot?.ttft ?? noPercentiles,
    });
  }
  return points;
}

const iso = (ms: number): string => new Date(ms).toISOString();
