// The kinds of trouble that a provider tells of, by a status or by an error inside of its answer, and what each means to the caller
// and to the other targets of a group.
import type { ErrorClass, GatewayErrorCode } from '../gateway-error.js';

export interface ProviderTrouble {
  readonly code: GatewayErrorCode;
  readonly message: string;
  readonly errorClass: ErrorClass;
  /** Another target may do better; a request that is called wrong is wrong for the next one too. */
  readonly retryable: boolean;
}

export const providerTroubles = {
  limited: trouble('upstream-rate-limited', 'upstream_rate_limited', 'the upstream is limiting requests'),
  usedUp: trouble('upstream-quota-exhausted', 'upstream_quota_exhausted', 'the quota at the upstream is used up'),
  keyRefused: trouble('upstream-access-denied', 'upstream_auth_failed', 'the upstream refused our credential'),
  modelRefused: trouble('upstream-access-denied', 'upstream_model_access_denied', 'the upstream refused access to the model'),
  modelUnknown: trouble('upstream-failed', 'upstream_model_access_denied', 'the upstream does not know the model'),
  late: trouble('upstream-timeout', 'upstream_timeout', 'the upstream did not answer in time'),
  tooLarge: trouble('request-too-large', 'upstream_request_too_large', 'the upstream says that the request is too large', false),
  wrong: trouble('upstream-refused-request', 'upstream_bad_request', 'the upstream says that the request is wrong', false),
} as const;

/** Statuses that say more than their hundred does; some providers also write one as the code of an error inside of an answer. */
export const troubleByStatus: Readonly<Record<number, ProviderTrouble>> = {
  400: providerTroubles.wrong,
  401: providerTroubles.keyRefused,
  402: providerTroubles.usedUp,
  403: providerTroubles.modelRefused,
  404: providerTroubles.modelUnknown,
  408: providerTroubles.late,
  413: providerTroubles.tooLarge,
  422: providerTroubles.wrong,
  429: providerTroubles.limited,
  504: providerTroubles.late,
};

function trouble(code: GatewayErrorCode, errorClass: ErrorClass, message: string, retryable = true): ProviderTrouble {
  return { code, message, errorClass, retryable };
}
