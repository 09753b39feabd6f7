// Asks targets in order until one answers. A target may be replaced by the next only while nothing was sent to the caller;
// after the first byte a failure ends the answer. What all of them failed with decides how the refusal is called.
import type { Ask } from '../dialects/conversation.js';
import type { Dialect } from '../dialects/dialect.js';
import { dialects } from '../dialects/dialects.js';
import type { EarlyEnd } from '../early-end.js';
import type { Gateway } from '../gateway.js';
import type { GatewayError } from '../gateway-error.js';
import { orderTargets } from '../routing/strategies.js';
import type { ModelGroup, Target } from '../routing/target.js';
import { retryAfterMs } from '../upstream/retry-after.js';
import { upstreamFailure } from '../upstream/upstream-client.js';
import { watchAttempt } from './attempt-watch.js';
import { exhaustedTargets, type PassedBy } from './exhausted-targets.js';
import { passedOnHeaders } from './passed-on-headers.js';
import { relayPlainAnswer } from './plain-answer.js';
import type { Fallback, RequestRecord } from './request-record.js';
import { StreamRelay } from './stream-relay.js';
import { type ExpectedUse, expectedCostUsd } from './token-meter.js';

export interface TargetRequest {
  readonly gateway: Gateway;
  readonly record: RequestRecord;
  /** The caller's dialect. */
  readonly dialect: Dialect;
  readonly ask: Ask;
  readonly group: ModelGroup;
  /** Those of the group that can answer, in the order of the config. */
  readonly targets: readonly Target[];
  readonly expected: ExpectedUse;
  readonly early: EarlyEnd;
}

/** Resolves with the bytes of a plain answer, or null for a stream, once the caller has it. @throws GatewayError */
export async function answerByTargets(request: TargetRequest): Promise<Buffer | null> {
  const { gateway, record, group, targets, expected, early } = request;
  const { config, breakers, openAtTargets } = gateway.generation;
  const order = orderTargets(group, targets, {
    speed: gateway.speed,
    random: Math.random,
    priceUsd: ({ prices }) => expectedCostUsd(expected, prices),
  });
  const ordered = order.map(({ key }) => key).join(', ');
  record.trace('routing_decision', `${group.strategy}: ${ordered}`);
  const failures: GatewayError[] = [];
  const passedBy: PassedBy[] = [];
  let fallback: Fallback | null = null;
  for (const target of order) {
    if (record.attempts >= config.upstream.max_attempts) break;
    const closed = openAtTargets.enter(target) ? breakers.admit(target.key) : { reason: 'target_busy' as const, waitMs: 0 };
    if (closed !== null) {
      if (closed.reason !== 'target_busy') openAtTargets.leave(target);
      passedBy.push(closed);
      fallback ??= { from: target, reason: closed.reason };
      continue;
    }
    try {
      return await askTarget(request, target, fallback);
    } catch (error) {
      const failure = upstreamFailure(error, early);
      if (record.exchange.response.headersSent || !failure.retryable) throw failure;
      failures.push(failure);
      fallback = { from: target, reason: failure.errorClass ?? failure.code };
    } finally {
      openAtTargets.leave(target);
    }
  }
  const refusal = exhaustedTargets(failures, passedBy, request);
  record.trace('upstream_exhausted', refusal.message, {
    status_code: refusal.status,
    error_class: refusal.errorClass ?? fallback?.reason ?? null,
  });
  throw refusal;
}

async function askTarget(request: TargetRequest, target: Target, fallback: Fallback | null): Promise<Buffer | null> {
  const { gateway, record, ask, group, dialect, early } = request;
  const spoken = dialects[target.dialect];
  const body = JSON.stringify(
    spoken.writeAsk(ask, {
      model: target.model,
      outputTokenField: target.outputTokenField,
      maxOutputTokens: target.maxOutputTokens,
      omitHostedTools: group.omitHostedTools,
    }),
  );
  const row = record.beginAttempt(target, Buffer.byteLength(body), fallback);
  const startedMs = performance.now();
  const { breakers } = gateway.generation;
  const watch = watchAttempt(early, target.attemptTimeoutMs);
  try {
    const asked = {
      target,
      path: spoken.path,
      body,
      headers: passedOnHeaders(target.dialect, ask.dialect, record.exchange.request.headers),
      early: watch.early,
      onHead: (status: number): void => {
        row.status_code = status;
        if (!ask.stream) watch.answered();
      },
    };
    const { early: ending, answered } = watch;
    const relay = { dialect, spoken, ask, frame: frameOf(request), early: ending, row, defects: gateway.defects, answered };
    const onFirstByte = (): void => {
      gateway.speed.measured(target.key, performance.now() - startedMs);
      noteTranslation(request, target);
    };
    const bytes = ask.stream
      ? await new StreamRelay(record, relay, onFirstByte).run(await gateway.upstreams.streamed(asked))
      : relayPlainAnswer(record, relay, await gateway.upstreams.whole(asked), onFirstByte);
    breakers.succeeded(target.key);
    gateway.speed.succeeded(target.key);
    record.endAttempt(row, performance.now() - startedMs, null);
    return bytes;
  } catch (error) {
    const failure = upstreamFailure(error, watch.early);
    if (failure.code === 'client-canceled') breakers.undecided(target.key);
    else if (failure.retryable || failure.errorClass === 'upstream_timeout') {
      breakers.failed(target.key, retryAfterMs(failure.headers['Retry-After']));
      gateway.speed.failed(target.key, target.attemptTimeoutMs, gateway.generation.config.upstream.breaker.cooldown_ms);
    } else breakers.succeeded(target.key);
    record.endAttempt(row, performance.now() - startedMs, failure);
    throw failure;
  } finally {
    watch.stop();
  }
}

function frameOf({ record, ask }: TargetRequest) {
  return { requestId: record.exchange.requestId, model: ask.model, createdS: Math.floor(record.exchange.arrivedAtMs / 1000), ask };
}

/** A translation says what it left out; silence would look like obedience. */
function noteTranslation({ gateway, record, ask, group }: TargetRequest, target: Target): void {
  if (target.dialect === ask.dialect) return;
  const omitted = [...ask.advisory, ...dialects[target.dialect].unsaid(ask).hints, ...(group.omitHostedTools ? ask.hostedTools : [])];
  if (omitted.length === 0) return;
  record.leftOut = `left out in translation: ${omitted.join(', ')}`;
  record.exchange.warn(gateway.generation.names.headerPrefix, [record.leftOut]);
}
