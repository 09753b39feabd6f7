// What is kept beside a request's usage row so that a failure can be explained later: its attempts, its trace, its error and
// its fallbacks. Names, numbers and our own words only; nothing that a caller or a provider typed.
import type { UsageRow } from './usage-row.js';

export interface AttemptRow {
  request_id: string;
  /** From 1. */
  attempt_index: number;
  ts: string;
  provider: string;
  model: string;
  dialect: string;
  endpoint_host: string;
  duration_ms: number;
  /** The provider's status; null when there was no answer. */
  status_code: number | null;
  error_class: string | null;
  /** Our own sentence, never the provider's. */
  error_message: string | null;
  retryable: 0 | 1;
  timed_out: 0 | 1;
  client_canceled: 0 | 1;
  /** The attempt whose answer the caller got. */
  selected: 0 | 1;
  /** Why this target was asked in the place of another one; null when it was the first choice. */
  fallback_reason: string | null;
  request_bytes: number;
  response_bytes: number;
  attempt_timeout_ms: number;
  retry_after_ms: number | null;
}

export const attemptColumns = [
  'request_id',
  'attempt_index',
  'ts',
  'provider',
  'model',
  'dialect',
  'endpoint_host',
  'duration_ms',
  'status_code',
  'error_class',
  'error_message',
  'retryable',
  'timed_out',
  'client_canceled',
  'selected',
  'fallback_reason',
  'request_bytes',
  'response_bytes',
  'attempt_timeout_ms',
  'retry_after_ms',
] as const satisfies readonly (keyof AttemptRow)[];

export const traceEvents = [
  'request_accepted',
  'admission_rejected',
  'routing_decision',
  'cache_hit',
  'cache_miss',
  'upstream_start',
  'upstream_end',
  'upstream_exhausted',
  'request_error',
  'request_end',
] as const;
export type TraceEvent = (typeof traceEvents)[number];

export interface TraceRow {
  request_id: string;
  /** From 1. */
  seq: number;
  ts: string;
  event: TraceEvent;
  message: string;
  provider: string | null;
  model: string | null;
  dialect: string | null;
  duration_ms: number | null;
  status_code: number | null;
  error_class: string | null;
  retryable: 0 | 1 | null;
  attempt: number | null;
}

export const traceColumns = [
  'request_id',
  'seq',
  'ts',
  'event',
  'message',
  'provider',
  'model',
  'dialect',
  'duration_ms',
  'status_code',
  'error_class',
  'retryable',
  'attempt',
] as const satisfies readonly (keyof TraceRow)[];

export interface ErrorRow {
  request_id: string;
  ts: string;
  status: number;
  error_type: string;
  error_class: string | null;
  error_message: string;
  retryable: 0 | 1;
  attempts: number;
  provider: string | null;
  model: string | null;
  dialect: string | null;
}

export const errorColumns = [
  'request_id',
  'ts',
  'status',
  'error_type',
  'error_class',
  'error_message',
  'retryable',
  'attempts',
  'provider',
  'model',
  'dialect',
] as const satisfies readonly (keyof ErrorRow)[];

export interface FallbackRow {
  request_id: string;
  /** From 1. */
  seq: number;
  ts: string;
  from_provider: string;
  from_model: string;
  to_provider: string;
  to_model: string;
  reason: string;
}

export const fallbackColumns = [
  'request_id',
  'seq',
  'ts',
  'from_provider',
  'from_model',
  'to_provider',
  'to_model',
  'reason',
] as const satisfies readonly (keyof FallbackRow)[];

/** Everything that one request leaves in the database. */
export interface RequestRows {
  readonly usage: UsageRow;
  readonly attempts: readonly AttemptRow[];
  readonly trace: readonly TraceRow[];
  readonly error: ErrorRow | null;
  readonly fallbacks: readonly FallbackRow[];
}
