// What a provider's status means to the caller, and to the other targets of a group.
import { GatewayError } from '../gateway-error.js';
import { type ProviderTrouble, troubleByStatus } from './provider-troubles.js';
import { retryAfterMs } from './retry-after.js';

function troubleOf(status: number): ProviderTrouble {
  const failed = { code: 'upstream-failed', message: `the upstream answered with status ${status}` } as const;
  if (status >= 500) return troubleByStatus[status] ?? { ...failed, errorClass: 'upstream_status_5xx', retryable: true };
  // A redirect is not followed: it could carry the key and the prompt to anybody.
  if (status < 400) return { ...failed, errorClass: 'upstream_bad_answer', retryable: true };
  return troubleByStatus[status] ?? { ...failed, errorClass: 'upstream_bad_request', retryable: false };
}

/** What a provider's answer means that is not 2xx; nothing of its text goes on. */
export function refusedBy(status: number, retryAfter: string | string[] | undefined): GatewayError {
  const { code, message, errorClass, retryable } = troubleOf(status);
  const headers: Record<string, string> = { 'X-Upstream-Status': String(status) };
  const waitMs = typeof retryAfter === 'string' ? retryAfterMs(retryAfter) : null;
  if (waitMs !== null) headers['Retry-After'] = String(Math.ceil(waitMs / 1000));
  return new GatewayError(code, message, { headers, errorClass, retryable, upstreamStatus: status });
}
