// What a provider did wrong inside an answer: something unreadable, or an error of its own. Only the kind of an error is
// read, never its text, since providers echo keys and prompts in it.
import { type ErrorClass, GatewayError, type GatewayErrorCode } from '../gateway-error.js';
import { isTooDeep } from '../http/nesting.js';
import { isJsonObject, type JsonObject } from '../http/read-body.js';

/** `what` ends the sentence "the upstream …". */
export function unreadable(what: string): GatewayError {
  return new GatewayError('upstream-failed', `the upstream ${what}`, { errorClass: 'upstream_bad_answer', retryable: true });
}

interface Failure {
  readonly code: GatewayErrorCode;
  readonly message: string;
  readonly errorClass: ErrorClass;
  readonly retryable: boolean;
}

const limited: Failure = {
  code: 'upstream-rate-limited',
  message: 'the upstream is limiting requests',
  errorClass: 'upstream_rate_limited',
  retryable: true,
};
const usedUp: Failure = {
  code: 'upstream-quota-exhausted',
  message: 'the quota at the upstream is used up',
  errorClass: 'upstream_quota_exhausted',
  retryable: true,
};
const denied: Failure = {
  code: 'upstream-access-denied',
  message: 'the upstream refused our credential',
  errorClass: 'upstream_auth_failed',
  retryable: true,
};
const late: Failure = {
  code: 'upstream-timeout',
  message: 'the upstream did not answer in time',
  errorClass: 'upstream_timeout',
  retryable: true,
};
const wrong: Failure = {
  code: 'upstream-refused-request',
  message: 'the upstream says that the request is wrong',
  errorClass: 'upstream_bad_request',
  retryable: false,
};
const large: Failure = {
  code: 'request-too-large',
  message: 'the upstream says that the request is too large',
  errorClass: 'upstream_request_too_large',
  retryable: false,
};

/** By the error types and codes that both vendors publish. */
const failures: Readonly<Record<string, Failure>> = {
  rate_limit_exceeded: limited,
  rate_limit_error: limited,
  insufficient_quota: usedUp,
  billing_error: usedUp,
  authentication_error: denied,
  permission_error: denied,
  timeout_error: late,
  request_too_large: large,
  invalid_request_error: wrong,
  context_length_exceeded: wrong,
  invalid_prompt: wrong,
};

/** The error that a provider sent where an answer should be; its `code` says more than its `type`. */
export function failureOf(error: unknown): GatewayError {
  const kinds = isJsonObject(error) ? [error['code'], error['type']] : [];
  for (const kind of kinds) {
    const known = typeof kind === 'string' && Object.hasOwn(failures, kind) ? failures[kind] : undefined;
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
