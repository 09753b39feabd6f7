// What a caller hears when no target answered: how the refusal is called, and when it may help to come back.

import type { Ask } from '../dialects/conversation.js';
import { GatewayError } from '../gateway-error.js';
import type { ModelGroup } from '../routing/target.js';
import { retryAfterHeader, retryAfterMs } from '../upstream/retry-after.js';
import type { RequestRecord } from './request-record.js';

/** The request that nobody answered. */
export interface Unanswered {
  readonly record: RequestRecord;
  readonly group: ModelGroup;
  readonly ask: Ask;
}

/** A target that was not asked. */
export interface PassedBy {
  readonly reason: 'target_busy' | 'retry_after' | 'breaker_open';
  /** When it may be asked again, at the earliest. */
  readonly waitMs: number;
}

/**
 * `upstream-*` says what happened only when it happened at every target; mixed troubles are `upstream-failed`. Retry-After is
 * the earliest moment at which anything may be different, by what the targets said.
 */
export function exhaustedTargets(failures: readonly GatewayError[], passedBy: readonly PassedBy[], request: Unanswered): GatewayError {
  const { record, group, ask } = request;
  const last = failures.at(-1);
  const details = {
    request_id: record.exchange.requestId,
    model: group.name,
    dialect: ask.dialect,
    attempts: record.attempts,
    targets: record.attemptRows.map(({ provider, model }) => ({ provider, model })),
    fallback_used: failures.length > 1,
    error_class: last?.errorClass ?? passedBy[0]?.reason ?? null,
    retryable: true,
  };
  const waitsMs = [
    ...passedBy.map(({ waitMs }) => waitMs),
    ...failures.flatMap(({ headers }) => retryAfterMs(headers['Retry-After']) ?? []),
  ];
  const retryAfter: Record<string, string> = waitsMs.length === 0 ? {} : { 'Retry-After': retryAfterHeader(Math.min(...waitsMs)) };
  if (last === undefined) return nobodyAsked(passedBy, details, retryAfter);
  const same = failures.every(({ code }) => code === last.code);
  return new GatewayError(same ? last.code : 'upstream-failed', same ? last.message : 'every target failed, in different ways', {
    headers: { ...last.headers, ...retryAfter },
    details,
    retryable: true,
    cause: last,
    ...(last.errorClass === null ? {} : { errorClass: last.errorClass }),
    ...(last.upstreamStatus === null ? {} : { upstreamStatus: last.upstreamStatus }),
  });
}

/** When all of them asked to be left alone, the caller is limited by them as if they had said so now. */
function nobodyAsked(
  passedBy: readonly PassedBy[],
  details: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): GatewayError {
  if (passedBy.every(({ reason }) => reason === 'retry_after'))
    return new GatewayError('upstream-rate-limited', 'every target of the model group said to come back later', {
      details,
      headers,
      errorClass: 'upstream_rate_limited',
      retryable: true,
    });
  return new GatewayError('upstream-failed', 'no target of the model group may be asked right now', { details, headers, retryable: true });
}
