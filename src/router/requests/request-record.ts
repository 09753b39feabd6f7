// Gathers what one request leaves behind while it runs, and closes it once, however the request ends: its usage row, attempts,
// trace, error and fallbacks. Metrics and log lines are made from the same record, so that all of them agree.
import type { Caller } from '../callers.js';
import type { DialectName } from '../dialects/conversation.js';
import type { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { isoTime } from '../iso-time.js';
import type { ModelGroup, Target } from '../routing/target.js';
import { retryAfterMs } from '../upstream/retry-after.js';
import type { AttemptRow, ErrorRow, FallbackRow, RequestRows, TraceEvent, TraceRow } from '../usage/diagnostic-rows.js';
import type { UsageRow } from '../usage/usage-row.js';
import type { RecordStamps } from './record-stamps.js';
import type { TokenMeter } from './token-meter.js';
import { type EndedRequest, usageRowOf } from './usage-row-of.js';

/** A target that another one is asked in the place of: it failed, or was passed by. */
export interface Fallback {
  readonly from: Target;
  readonly reason: string;
}

export class RequestRecord implements EndedRequest {
  readonly exchange: Exchange;
  readonly dialect: DialectName;
  readonly caller: Caller;
  /** A configured group, or `rejected_model`: what callers type freely does not enter the database. */
  requestedModel = '';
  stream = false;
  group: ModelGroup | null = null;
  /** The target whose answer the caller got, or the one asked last. */
  target: Target | null = null;
  meter: TokenMeter | null = null;
  /** What a translation left out of what was asked. */
  leftOut: string | null = null;
  cache: UsageRow['cache'] = 'bypass';
  quotaState: UsageRow['quota_state'] = 'ok';
  keyState: UsageRow['key_state'] = 'active';
  shapeState: UsageRow['traffic_shape_state'] = 'none';
  shapeWaitMs = 0;
  ttfbMs: number | null = null;
  #upstreamStartMs: number | null = null;
  #upstreamEndMs: number | null = null;
  readonly #attempts: AttemptRow[] = [];
  readonly #trace: TraceRow[] = [];
  readonly #fallbacks: FallbackRow[] = [];

  constructor(exchange: Exchange, caller: Caller, dialect: DialectName) {
    this.exchange = exchange;
    this.caller = caller;
    this.dialect = dialect;
    this.trace('request_accepted', 'the caller is known');
  }

  get attempts(): number {
    return this.#attempts.length;
  }

  get attemptRows(): readonly AttemptRow[] {
    return this.#attempts;
  }

  get fallbackUsed(): boolean {
    return this.#fallbacks.length > 0;
  }

  /** From the start of the first attempt to the end of the last one; null when no upstream was asked. */
  get upstreamMs(): number | null {
    if (this.#upstreamStartMs === null) return null;
    return Math.round((this.#upstreamEndMs ?? performance.now()) - this.#upstreamStartMs);
  }

  firstByte(): void {
    this.ttfbMs ??= this.exchange.elapsedMs();
  }

  trace(event: TraceEvent, message: string, more: Partial<Omit<TraceRow, 'request_id' | 'seq' | 'ts' | 'event' | 'message'>> = {}): void {
    this.#trace.push({
      request_id: this.exchange.requestId,
      seq: this.#trace.length + 1,
      ts: isoTime(Date.now()),
      event,
      message,
      provider: more.provider ?? null,
      model: more.model ?? null,
      dialect: more.dialect ?? null,
      duration_ms: more.duration_ms ?? null,
      status_code: more.status_code ?? null,
      error_class: more.error_class ?? null,
      retryable: more.retryable ?? null,
      attempt: more.attempt ?? null,
    });
  }

  /** Opens an attempt at a target; `fallback` says in whose place it is asked. */
  beginAttempt(target: Target, requestBytes: number, fallback: Fallback | null): AttemptRow {
    const now = isoTime(Date.now());
    this.#upstreamStartMs ??= performance.now();
    this.target = target;
    this.meter?.restart();
    const row: AttemptRow = {
      request_id: this.exchange.requestId,
      attempt_index: this.#attempts.length + 1,
      ts: now,
      provider: target.provider,
      model: target.model,
      dialect: target.dialect,
      endpoint_host: target.host,
      duration_ms: 0,
      status_code: null,
      error_class: null,
      error_message: null,
      retryable: 0,
      timed_out: 0,
      client_canceled: 0,
      selected: 0,
      fallback_reason: fallback?.reason ?? null,
      request_bytes: requestBytes,
      response_bytes: 0,
      attempt_timeout_ms: target.attemptTimeoutMs,
      retry_after_ms: null,
    };
    this.#attempts.push(row);
    if (fallback !== null)
      this.#fallbacks.push({
        request_id: this.exchange.requestId,
        seq: this.#fallbacks.length + 1,
        ts: now,
        from_provider: fallback.from.provider,
        from_model: fallback.from.model,
        to_provider: target.provider,
        to_model: target.model,
        reason: fallback.reason,
      });
    const { provider, model, dialect } = target;
    this.trace('upstream_start', 'a target is asked', { provider, model, dialect, attempt: row.attempt_index });
    return row;
  }

  /** Closes an attempt; a failure may still be answered by another target. */
  endAttempt(row: AttemptRow, durationMs: number, failure: GatewayError | null): void {
    this.#upstreamEndMs = performance.now();
    row.duration_ms = Math.round(durationMs);
    row.selected = failure === null ? 1 : 0;
    if (failure !== null) {
      row.status_code = failure.upstreamStatus ?? row.status_code;
      row.error_class = failure.errorClass ?? failure.code;
      row.error_message = failure.message;
      row.retryable = failure.retryable ? 1 : 0;
      row.timed_out = failure.errorClass === 'upstream_timeout' ? 1 : 0;
      row.client_canceled = failure.code === 'client-canceled' ? 1 : 0;
      row.retry_after_ms = retryAfterMs(failure.headers['Retry-After']);
    }
    this.trace('upstream_end', failure === null ? 'the target answered' : 'the target failed', {
      provider: row.provider,
      model: row.model,
      dialect: row.dialect,
      duration_ms: row.duration_ms,
      status_code: row.status_code,
      error_class: row.error_class,
      retryable: row.retryable,
      attempt: row.attempt_index,
    });
  }

  /** The rows of the request; called once, when its last byte was handed over or it failed. */
  close(failure: GatewayError | null, stamps: RecordStamps): RequestRows {
    if (failure?.code === 'client-canceled') this.#untake(failure);
    if (failure !== null)
      this.trace('request_error', failure.message, { status_code: failure.status, error_class: failure.errorClass ?? failure.code });
    const status = failure?.status ?? 200;
    this.trace('request_end', 'the request ended', { status_code: status, duration_ms: this.exchange.elapsedMs() });
    return {
      usage: usageRowOf(this, status, failure, stamps),
      attempts: this.#attempts,
      trace: this.#trace,
      error: failure === null ? null : this.#errorRow(failure),
      fallbacks: this.#fallbacks,
    };
  }

  /** The target answered, and the caller left before it had the whole answer. */
  #untake({ errorClass, message }: GatewayError): void {
    const last = this.#attempts.at(-1);
    if (last?.selected === 1) Object.assign(last, { selected: 0, client_canceled: 1, error_class: errorClass, error_message: message });
  }

  #errorRow(failure: GatewayError): ErrorRow {
    return {
      request_id: this.exchange.requestId,
      ts: isoTime(Date.now()),
      status: failure.status,
      error_type: failure.code,
      error_class: failure.errorClass,
      error_message: failure.message,
      retryable: failure.retryable ? 1 : 0,
      attempts: this.attempts,
      provider: this.target?.provider ?? null,
      model: this.target?.model ?? null,
      dialect: this.target?.dialect ?? null,
    };
  }
}
