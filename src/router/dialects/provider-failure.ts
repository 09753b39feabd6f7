// What a provider did wrong inside an answer: something unreadable, or an error of its own. Only the kind of an error is
// read, never its text, since providers echo keys and prompts in it.
import { GatewayError } from '../gateway-error.js';
import { isTooDeep } from '../http/nesting.js';
import { isJsonObject, type JsonObject } from '../http/read-body.js';
import { type ProviderTrouble, providerTroubles, troubleByStatus } from '../upstream/provider-troubles.js';

/** `what` ends the sentence "the upstream …". */
export function unreadable(what: string): GatewayError {
  return new GatewayError('upstream-failed', `the upstream ${what}`, { errorClass: 'upstream_bad_answer', retryable: true });
}

/** By the error types and codes that both vendors publish. */
const failures: Readonly<Record<string, ProviderTrouble>> = {
  rate_limit_exceeded: providerTroubles.limited,
  rate_limit_error: providerTroubles.limited,
  insufficient_quota: providerTroubles.usedUp,
  billing_error: providerTroubles.usedUp,
  authentication_error: providerTroubles.keyRefused,
  permission_error: providerTroubles.modelRefused,
  not_found_error: providerTroubles.modelUnknown,
  model_not_found: providerTroubles.modelUnknown,
  timeout_error: providerTroubles.late,
  request_too_large: providerTroubles.tooLarge,
  invalid_request_error: providerTroubles.wrong,
  context_length_exceeded: providerTroubles.wrong,
  invalid_prompt: providerTroubles.wrong,
};

function knownByName(kind: unknown): ProviderTrouble | undefined {
  return typeof kind === 'string' && Object.hasOwn(failures, kind) ? failures[kind] : undefined;
}

/** Null when the whole answer holds no error; whatever else stands beside one was not finished. */
export function statedFailure(answer: JsonObject): GatewayError | null {
  return isJsonObject(answer['error']) ? failureOf(answer['error']) : null;
}

/** The error that a provider sent where an answer should be; its `code` says more than its `type`. */
export function failureOf(error: unknown): GatewayError {
  const kinds = isJsonObject(error) ? [error['code'], error['type']] : [];
  for (const kind of kinds) {
    const known = typeof kind === 'number' ? troubleByStatus[kind] : knownByName(kind);
    if (known === undefined) continue;
    const { code, message, errorClass, retryable } = known;
    return new GatewayError(code, message, { errorClass, retryable });
  }
  return new GatewayError('upstream-failed', 'the upstream sent an error inside its answer', {
    errorClass: 'upstream_status_5xx',
    retryable: true,
  });
}

/** The JSON object in a stream event's data. @throws GatewayError `upstream-failed` */
export function eventObject(data: string): JsonObject {
  try {
    const value: unknown = JSON.parse(data);
    if (isJsonObject(value) && !isTooDeep(value, data.length)) return value;
  } catch {
    // Answered below, like JSON that is no object, or one that nobody could write again.
  }
  throw unreadable('sent something unreadable in the stream');
}
