// Every refusal that a caller can see, with its status. Messages are written here and never quote an upstream or a request,
// so that no prompt, token or key can travel in an error. How a refusal is spelt is its dialect's matter.

export const gatewayErrors = {
  'invalid-body': 400,
  'invalid-request': 400,
  'missing-model': 400,
  'remote-image-refused': 400,
  'thread-unsupported': 400,
  'upstream-refused-request': 400,
  'invalid-report-filter': 400,
  unauthorized: 401,
  'key-disabled': 403,
  'key-expired': 403,
  'key-rotated': 403,
  'key-exhausted': 403,
  'model-not-allowed': 403,
  'model-not-found': 403,
  'metrics-forbidden': 403,
  'reports-forbidden': 403,
  'admin-forbidden': 403,
  'license-admin-limit-exceeded': 403,
  'license-expired': 403,
  'license-feature-forbidden': 403,
  'license-skin-forbidden': 403,
  'license-limit-exceeded': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'request-too-large': 413,
  'upgrade-unsupported': 426,
  'config-invalid': 422,
  'rpm-exceeded': 429,
  'tpm-exceeded': 429,
  'concurrency-exceeded': 429,
  'quota-exhausted': 429,
  'traffic-shaped': 429,
  'login-limited': 429,
  'license-volume-exceeded': 429,
  'license-concurrency-exceeded': 429,
  'headers-too-large': 431,
  'client-canceled': 499,
  'internal-error': 500,
  'report-query-failed': 500,
  'no-eligible-target': 502,
  'upstream-failed': 502,
  'upstream-access-denied': 503,
  'upstream-quota-exhausted': 503,
  'upstream-rate-limited': 503,
  'license-missing': 503,
  'license-invalid': 503,
  'license-not-yet-valid': 503,
  'license-product-mismatch': 503,
  'license-clock-rollback': 503,
  'reports-disabled': 503,
  draining: 503,
  'upstream-timeout': 504,
} as const;

export type GatewayErrorCode = keyof typeof gatewayErrors;

/** What kind of trouble an upstream made; written into diagnostics, so that timeouts, limits and failures stay apart. */
export const errorClasses = [
  'upstream_bad_request',
  'upstream_request_too_large',
  'upstream_rate_limited',
  'upstream_quota_exhausted',
  'upstream_auth_failed',
  'upstream_model_access_denied',
  'upstream_timeout',
  'upstream_connect_failed',
  'upstream_status_5xx',
  'upstream_bad_answer',
  'upstream_stream_cut',
  'client_canceled',
] as const;
export type ErrorClass = (typeof errorClasses)[number];

export interface GatewayErrorMore {
  /** Extra response headers, for example Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the error body; our own words and names from the config only. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errorClass?: ErrorClass;
  /** The status that an upstream answered with. */
  readonly upstreamStatus?: number;
  /** Another target may do better. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

export class GatewayError extends Error {
  readonly code: GatewayErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly errorClass: ErrorClass | null;
  readonly upstreamStatus: number | null;
  readonly retryable: boolean;

  constructor(code: GatewayErrorCode, message: string, more: GatewayErrorMore = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.headers = more.headers ?? {};
    this.details = more.details ?? null;
    this.errorClass = more.errorClass ?? null;
    this.upstreamStatus = more.upstreamStatus ?? null;
    this.retryable = more.retryable ?? false;
  }

  get status(): number {
    return gatewayErrors[this.code];
  }
}
