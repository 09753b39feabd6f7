// Asks targets in order until one answers. A target may be replaced by the next only while nothing was sent to the caller;
// after the first byte a failure ends the answer. What all of them failed with decides how the refusal is called.
import type { Ask } from '../dialects/conversation.js';
import type { Dialect } from '../dialects/dialect.js';
import { dialects } from '../dialects/dialects.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import { orderTargets } from '../routing/strategies.js';
import type { ModelGroup, Target } from '../routing/target.js';
import { upstreamFailure } from '../upstream/upstream-client.js';
import { passedOnHeaders } from './passed-on-headers.js';
import { relayPlainAnswer } from './plain-answer.js';
import type { RequestRecord } from './request-record.js';
import { StreamRelay } from './stream-relay.js';

export interface TargetRequest {
  readonly gateway: Gateway;
  readonly record: RequestRecord;
  /** The caller's dialect. */
  readonly dialect: Dialect;
  readonly ask: Ask;
  readonly group: ModelGroup;
  /** Those of the group that can answer, in the order of the config. */
  readonly targets: readonly Target[];
  readonly expected: { readonly inputTokens: number; readonly outputTokens: number };
  /** Aborted with a GatewayError as its reason. */
  readonly signal: AbortSignal;
}

/** Resolves with the bytes of a plain answer, or null for a stream, once the caller has it. @throws GatewayError */
export async function answerByTargets(request: TargetRequest): Promise<Buffer | null> {
  const { gateway, record, group, targets, expected, signal } = request;
  const { config, breakers, openAtTargets } = gateway.generation;
  const order = orderTargets(group, targets, { speed: gateway.speed, random: Math.random, expected });
  const ordered = order.map(({ key }) => key).join(', ');
  record.trace('routing_decision', `${group.strategy}: ${ordered}`);
  const failures: GatewayError[] = [];
  let because: string | null = null;
  for (const target of order) {
    if (record.attempts >= config.upstream.max_attempts) break;
    if (!openAtTargets.enter(target)) {
      because ??= 'target_busy';
      continue;
    }
    if (!breakers.admit(target.key)) {
      openAtTargets.leave(target);
      because ??= 'breaker_open';
      continue;
    }
    try {
      return await askTarget(request, target, because);
    } catch (error) {
      const failure = upstreamFailure(error, signal);
      if (record.exchange.response.headersSent || signal.aborted || !failure.retryable) throw failure;
      failures.push(failure);
      because = failure.errorClass ?? failure.code;
    } finally {
      openAtTargets.leave(target);
    }
  }
  const refusal = exhausted(failures, request, because, config.upstream.breaker.cooldown_ms);
  record.trace('upstream_exhausted', refusal.message, { status_code: refusal.status, error_class: refusal.errorClass ?? because });
  throw refusal;
}

async function askTarget(request: TargetRequest, target: Target, because: string | null): Promise<Buffer | null> {
  const { gateway, record, ask, group, dialect, signal } = request;
  const spoken = dialects[target.dialect];
  const body = JSON.stringify(
    spoken.writeAsk(ask, {
      model: target.model,
      outputTokenField: target.outputTokenField,
      maxOutputTokens: target.maxOutputTokens,
      omitHostedTools: group.omitHostedTools,
    }),
  );
  const row = record.beginAttempt(target, Buffer.byteLength(body), because);
  const startedMs = performance.now();
  const { breakers } = gateway.generation;
  try {
    const answer = await gateway.upstreams.post({
      target,
      path: spoken.path,
      stream: ask.stream,
      body,
      headers: passedOnHeaders(target.dialect, ask.dialect, record.exchange.request.headers),
      signal,
    });
    row.status_code = answer.status;
    const relay = { dialect, spoken, ask, frame: frameOf(request), signal, row, defects: gateway.defects };
    const onFirstByte = (): void => {
      gateway.speed.measured(target.key, performance.now() - startedMs);
      noteTranslation(request, target);
    };
    const bytes = ask.stream
      ? await new StreamRelay(record, relay, onFirstByte).run(answer)
      : await relayPlainAnswer(record, relay, answer, onFirstByte);
    breakers.succeeded(target.key);
    record.endAttempt(row, performance.now() - startedMs, null);
    return bytes;
  } catch (error) {
    const failure = upstreamFailure(error, signal);
    if (failure.code === 'client-canceled') breakers.undecided(target.key);
    else if (failure.retryable || failure.errorClass === 'upstream_timeout') breakers.failed(target.key);
    else breakers.succeeded(target.key);
    record.endAttempt(row, performance.now() - startedMs, failure);
    throw failure;
  }
}

function frameOf({ record, ask }: TargetRequest) {
  return { requestId: record.exchange.requestId, model: ask.model, createdS: Math.floor(record.exchange.arrivedAtMs / 1000), ask };
}

/** A translation says what it left out; silence would look like obedience. */
function noteTranslation({ gateway, record, ask, group }: TargetRequest, target: Target): void {
  if (target.dialect === ask.dialect) return;
  const omitted = [...ask.advisory, ...dialects[target.dialect].unsaid(ask).hints, ...(group.omitHostedTools ? ask.hostedTools : [])];
  if (omitted.length > 0) record.exchange.warn(gateway.generation.names.headerPrefix, [`left out in translation: ${omitted.join(', ')}`]);
}

/** `upstream-*` says what happened only when it happened at every target; mixed troubles are `upstream-failed`. */
function exhausted(failures: readonly GatewayError[], request: TargetRequest, because: string | null, cooldownMs: number): GatewayError {
  const last = failures.at(-1);
  const details = {
    request_id: request.record.exchange.requestId,
    model: request.group.name,
    dialect: request.ask.dialect,
    attempts: request.record.attempts,
    targets: request.record.attemptRows.map(({ provider, model }) => ({ provider, model })),
    fallback_used: failures.length > 1,
    error_class: last?.errorClass ?? because,
    retryable: true,
  };
  if (last === undefined)
    return new GatewayError('upstream-failed', 'no target of the model group may be asked right now', {
      details,
      headers: { 'Retry-After': String(Math.max(1, Math.ceil(cooldownMs / 1000))) },
      retryable: true,
    });
  const same = failures.every(({ code }) => code === last.code);
  const waits = failures.flatMap(({ headers }) => (headers['Retry-After'] === undefined ? [] : [headers['Retry-After']]));
  return new GatewayError(same ? last.code : 'upstream-failed', same ? last.message : 'every target failed, in different ways', {
    headers: { ...last.headers, ...(same && waits[0] !== undefined ? { 'Retry-After': shortest(waits) } : {}) },
    details,
    retryable: true,
    cause: last,
    ...(last.errorClass === null ? {} : { errorClass: last.errorClass }),
    ...(last.upstreamStatus === null ? {} : { upstreamStatus: last.upstreamStatus }),
  });
}

/** Of several `Retry-After`, the fewest seconds; a date is left as it is when it is all there is. */
function shortest(waits: readonly string[]): string {
  const seconds = waits.filter((wait) => /^\d+$/.test(wait)).map(Number);
  return seconds.length > 0 ? String(Math.min(...seconds)) : (waits[0] ?? '1');
}
