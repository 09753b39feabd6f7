// What the reports ask the database, and what they get: plain values, since both travel between threads.
import type { everyDomain } from '../access/policy.js';
import type { AttemptRow, ErrorRow, FallbackRow, TraceRow } from '../usage/diagnostic-rows.js';
import type { RollupDimension } from '../usage/rollup-cells.js';
import type { UsageRow } from '../usage/usage-row.js';
import type { Percentiles } from './percentiles.js';
import type { Cursor } from './report-cursor.js';
import type { ListFilters } from './report-filters.js';
import type { ReportPeriod } from './report-period.js';

/** `*`, or the domains whose requests may be counted and shown; never empty. */
export type Domains = typeof everyDomain | readonly string[];

export interface SummaryQuestion {
  readonly kind: 'summary';
  readonly period: ReportPeriod;
  readonly domains: Domains;
}

export interface ListQuestion {
  readonly kind: 'list';
  readonly period: ReportPeriod;
  readonly domains: Domains;
  readonly filters: ListFilters;
  readonly limit: number;
  readonly after: Cursor | null;
  /** Whether all that fit are to be counted too, which costs more than a page of them. */
  readonly counted: boolean;
}

export interface RequestQuestion {
  readonly kind: 'request';
  readonly requestId: string;
  readonly domains: Domains;
}

/** The summary, and what only the Markdown report has beside it, of one and the same moment. */
export interface ExportQuestion {
  readonly kind: 'export';
  readonly period: ReportPeriod;
  readonly domains: Domains;
  /** How many of the newest requests are told one by one. */
  readonly newest: number;
}

export type ReportQuestion = SummaryQuestion | ListQuestion | RequestQuestion | ExportQuestion;

/** One stretch of a series. */
export interface SlotFigures {
  readonly startMs: number;
  /** In the order of `measures`. */
  readonly sums: ArrayLike<number>;
  readonly latency: Percentiles;
  readonly ttft: Percentiles;
}

export interface GroupFigures {
  readonly value: string;
  /** Of a token, or of a group by domain; empty for the others. */
  readonly domain: string;
  readonly sums: ArrayLike<number>;
}

export interface SummaryFigures {
  readonly slotMs: number;
  /** Those in which there was a request, oldest first. */
  readonly slots: readonly SlotFigures[];
  readonly total: ArrayLike<number>;
  readonly latency: Percentiles;
  readonly ttft: Percentiles;
  readonly groups: Readonly<Record<RollupDimension | 'domain', readonly GroupFigures[]>>;
}

export interface ListedRequests {
  readonly rows: readonly UsageRow[];
  /** Of all pages; null when they were not to be counted. */
  readonly totalCount: number | null;
  readonly next: Cursor | null;
}

export interface WholeRequest {
  readonly usage: UsageRow;
  readonly attempts: readonly AttemptRow[];
  readonly trace: readonly TraceRow[];
  readonly error: ErrorRow | null;
  readonly fallbacks: readonly FallbackRow[];
}

export interface AddressFigures {
  readonly value: string;
  readonly requests: number;
  readonly errors: number;
  readonly totalTokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalCostUsd: number;
}

export interface ExportFigures {
  readonly summary: SummaryFigures;
  readonly addresses: readonly AddressFigures[];
  readonly newest: readonly UsageRow[];
}

export interface ReportAnswers {
  readonly summary: SummaryFigures;
  readonly list: ListedRequests;
  /** Null when there is none in these domains. */
  readonly request: WholeRequest | null;
  readonly export: ExportFigures;
}
