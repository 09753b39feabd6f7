// A request for a model's answer from admission to its rows, the same for every dialect: who, licensed, what, may they, within
// their limits, by whom it can be answered, from the cache or by a target, and what it used.
import type { Dialect } from '../dialects/dialect.js';
import type { EarlyEnd } from '../early-end.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { readJsonObject } from '../http/read-body.js';
import type { LimitTicket } from '../limits/limiter.js';
import { eligibleTargets, noEligibleTarget } from '../routing/eligibility.js';
import { upstreamFailure } from '../upstream/upstream-client.js';
import { answerByTargets } from './attempts.js';
import { answerFromCache } from './cached-answer.js';
import { cancelWhenClientLeaves, clientLeft, notTaken } from './client-watch.js';
import { refuseRemoteImages } from './remote-images.js';
import { RequestRecord } from './request-record.js';
import { estimateTokens, expectedCostUsd, promptSizeOf, TokenMeter } from './token-meter.js';

export async function answerModelRequest(gateway: Gateway, exchange: Exchange, dialect: Dialect): Promise<void> {
  const { config } = gateway.generation;
  const caller = gateway.generation.callers.authenticate(exchange.request.headers);
  const record = new RequestRecord(exchange, caller, dialect.name);
  const watch = cancelWhenClientLeaves(exchange, config.upstream.total_timeout_ms);
  const run = new ModelRequest(gateway, record, dialect, watch.early);
  let failure: GatewayError | null = null;
  try {
    await run.answer();
  } catch (error) {
    failure = upstreamFailure(error, watch.early);
    if (failure.code === 'internal-error')
      gateway.log.error({ request_id: exchange.requestId, ...traceOf(failure.cause) }, 'internal error');
    exchange.sendError(failure);
  } finally {
    watch.stop();
    // What waits for its caller is still open: it takes memory, and its caller's place.
    if (!(await exchange.sent())) failure ??= clientLeft(exchange.leftUnread ? notTaken : 'the client went away');
    run.end(failure);
  }
}

class ModelRequest {
  readonly #gateway: Gateway;
  /** The config that the request began with; a reload does not change it under its feet. */
  readonly #generation: Gateway['generation'];
  readonly #record: RequestRecord;
  readonly #dialect: Dialect;
  readonly #early: EarlyEnd;
  #ticket: LimitTicket | null = null;
  #endLicensed: ((served: boolean) => void) | null = null;

  constructor(gateway: Gateway, record: RequestRecord, dialect: Dialect, early: EarlyEnd) {
    this.#gateway = gateway;
    this.#generation = gateway.generation;
    this.#record = record;
    this.#dialect = dialect;
    this.#early = early;
  }

  async answer(): Promise<void> {
    const { exchange, caller } = this.#record;
    const { config, groups } = this.#generation;
    const body = await readJsonObject(exchange.request, config.limits.body_bytes);
    const ask = this.#dialect.readAsk(body);
    this.#record.stream = ask.stream;
    this.#record.requestedModel = groups.has(ask.model) ? ask.model : 'rejected_model';
    const group = groups.resolve(ask.model, caller);
    this.#record.group = group;
    this.#endLicensed = this.#gateway.license.admit(ask.dialect);
    exchange.warn(this.#generation.names.headerPrefix, this.#gateway.license.warnings);
    refuseRemoteImages(ask, config.upstream.allow_remote_images);
    const ticket = await this.#admit();
    const { targets, missing } = eligibleTargets(ask, group);
    if (targets.length === 0) throw noEligibleTarget(ask, group, missing);
    const prompt = promptSizeOf(ask);
    this.#record.meter = new TokenMeter(prompt);
    const expected = {
      inputTokens: estimateTokens(prompt),
      outputTokens: ask.answers * (ask.maxTokens ?? Math.min(...targets.map(({ maxOutputTokens }) => maxOutputTokens))),
      images: prompt.images,
    };
    const request = {
      gateway: this.#gateway,
      record: this.#record,
      dialect: this.#dialect,
      ask,
      group,
      targets,
      expected,
      early: this.#early,
    };
    await answerFromCache(request, async () => {
      const dearest = Math.max(...targets.map(({ prices }) => expectedCostUsd(expected, prices)));
      await this.#refuseWith(() => ticket.reserve(expected.inputTokens + expected.outputTokens, dearest));
      this.#warn(ticket);
      return answerByTargets(request);
    });
  }

  /** Closes the request's books; its rows are made from what was really used. */
  end(failure: GatewayError | null): void {
    const { license, cache, books, metrics, log, defects } = this.#gateway;
    const record = this.#record;
    const rows = record.close(failure, { router: this.#generation.stamp, license: license.stamp(), cache: cache.stamp() });
    this.#ticket?.close(record.attempts > 0 ? { tokens: rows.usage.total_tokens, costUsd: rows.usage.total_cost_usd } : null);
    this.#endLicensed?.(record.attempts > 0 || record.cache === 'hit');
    if (!defects.forgetsUsageOf(record)) books.push(rows);
    metrics.observe(rows);
    const fields = {
      request_id: rows.usage.request_id,
      route: record.exchange.path,
      status: rows.usage.status,
      ...(failure === null ? {} : { error: failure.code, error_class: failure.errorClass }),
      model_group: rows.usage.requested_model,
      provider: rows.usage.target_provider,
      stream: record.stream,
      attempts: rows.usage.attempts,
      latency_ms: rows.usage.latency_ms,
      ttfb_ms: rows.usage.ttfb_ms,
    };
    if (failure === null) log.info(fields, 'request');
    else log.warn(fields, 'request');
  }

  async #admit(): Promise<LimitTicket> {
    const record = this.#record;
    const waited = (ms: number): void => {
      record.shapeState = 'queued';
      record.shapeWaitMs = ms;
    };
    const ticket = await this.#refuseWith(() => this.#gateway.limits.admit(record.caller, this.#early, waited));
    this.#ticket = ticket;
    record.quotaState = ticket.quotaState;
    record.keyState = ticket.keyState;
    return ticket;
  }

  /** A refusal by a limit leaves its trace. */
  async #refuseWith<Value>(act: () => Promise<Value>): Promise<Value> {
    const record = this.#record;
    try {
      return await act();
    } catch (error) {
      if (error instanceof GatewayError && error.code !== 'client-canceled') {
        record.trace('admission_rejected', error.message, { status_code: error.status });
        if (error.code === 'traffic-shaped') record.shapeState = 'rejected';
        if (error.code === 'quota-exhausted') record.quotaState = 'reject';
        if (error.code === 'key-exhausted') record.keyState = 'exhausted';
      }
      throw error;
    }
  }

  #warn(ticket: LimitTicket): void {
    if (ticket.warnings.length > 0) this.#record.exchange.warn(this.#generation.names.headerPrefix, ticket.warnings);
  }
}

/** Where it broke, without the message, which could quote a request. */
function traceOf(error: unknown): { readonly error: string; readonly trace: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, trace: [] };
  const trace = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, trace };
}
