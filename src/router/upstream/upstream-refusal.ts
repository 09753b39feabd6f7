// What a provider's status means to the caller, and to the other targets of a group.
import { type ErrorClass, GatewayError, type GatewayErrorCode } from '../gateway-error.js';

/** Other targets may do better, unless the request itself is called wrong: then it is wrong for the next one too. */
interface Refusal {
  readonly code: GatewayErrorCode;
  readonly message: string;
  readonly errorClass: ErrorClass;
  readonly retryable: boolean;
}

function refusalOf(status: number): Refusal {
  if (status === 429)
    return {
      code: 'upstream-rate-limited',
      message: 'the upstream is limiting requests',
      errorClass: 'upstream_rate_limited',
      retryable: true,
    };
  if (status === 402)
    return {
      code: 'upstream-quota-exhausted',
      message: 'the quota at the upstream is used up',
      errorClass: 'upstream_quota_exhausted',
      retryable: true,
    };
  if (status === 401)
    return {
      code: 'upstream-access-denied',
      message: 'the upstream refused our credential',
      errorClass: 'upstream_auth_failed',
      retryable: true,
    };
  if (status === 403)
    return {
      code: 'upstream-access-denied',
      message: 'the upstream refused access to the model',
      errorClass: 'upstream_model_access_denied',
      retryable: true,
    };
  if (status === 408 || status === 504)
    return { code: 'upstream-timeout', message: 'the upstream did not answer in time', errorClass: 'upstream_timeout', retryable: true };
  const message = `the upstream answered with status ${status}`;
  if (status >= 500) return { code: 'upstream-failed', message, errorClass: 'upstream_status_5xx', retryable: true };
  if (status === 404)
    return {
      code: 'upstream-failed',
      message: 'the upstream does not know the model',
      errorClass: 'upstream_model_access_denied',
      retryable: true,
    };
  if (status === 413)
    return {
      code: 'request-too-large',
      message: 'the upstream says that the request is too large',
      errorClass: 'upstream_request_too_large',
      retryable: false,
    };
  if (status === 400 || status === 422)
    return {
      code: 'upstream-refused-request',
      message: 'the upstream says that the request is wrong',
      errorClass: 'upstream_bad_request',
      retryable: false,
    };
  return { code: 'upstream-failed', message, errorClass: 'upstream_bad_request', retryable: false };
}

/** What a provider's answer means that is not 2xx; nothing of its text goes on. */
export function refusedBy(status: number, retryAfter: string | string[] | undefined): GatewayError {
  const { code, message, errorClass, retryable } = refusalOf(status);
  const headers: Record<string, string> = { 'X-Upstream-Status': String(status) };
  if (typeof retryAfter === 'string' && /^[\w ,:-]{1,64}$/.test(retryAfter)) headers['Retry-After'] = retryAfter;
  return new GatewayError(code, message, { headers, errorClass, retryable, upstreamStatus: status });
}
