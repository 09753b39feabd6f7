// Every refusal that a caller can see: its code, its status and its OpenAI error type. Messages are written here and never
// quote an upstream or a request, so that no prompt, token or key can travel in an error.

export const gatewayErrors = {
  'invalid-body': { status: 400, type: 'invalid_request_error' },
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  'missing-model': { status: 400, type: 'invalid_request_error' },
  unauthorized: { status: 401, type: 'authentication_error' },
  'key-disabled': { status: 403, type: 'permission_error' },
  'model-not-allowed': { status: 403, type: 'permission_error' },
  'model-not-found': { status: 403, type: 'permission_error' },
  'not-found': { status: 404, type: 'invalid_request_error' },
  'method-not-allowed': { status: 405, type: 'invalid_request_error' },
  'request-timeout': { status: 408, type: 'invalid_request_error' },
  'request-too-large': { status: 413, type: 'invalid_request_error' },
  'headers-too-large': { status: 431, type: 'invalid_request_error' },
  'client-canceled': { status: 499, type: 'invalid_request_error' },
  'internal-error': { status: 500, type: 'server_error' },
  'upstream-failed': { status: 502, type: 'server_error' },
  'upstream-access-denied': { status: 503, type: 'server_error' },
  'upstream-quota-exhausted': { status: 503, type: 'server_error' },
  'upstream-rate-limited': { status: 503, type: 'server_error' },
  draining: { status: 503, type: 'server_error' },
  'upstream-timeout': { status: 504, type: 'server_error' },
} as const;

export type GatewayErrorCode = keyof typeof gatewayErrors;

export interface GatewayErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: GatewayErrorCode;
    readonly param: null;
    readonly request_id: string;
  };
}

export class GatewayError extends Error {
  readonly code: GatewayErrorCode;
  /** Extra response headers, for example Retry-After. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: GatewayErrorCode, message: string, headers: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GatewayError';
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return gatewayErrors[this.code].status;
  }

  body(requestId: string): GatewayErrorBody {
    const { type } = gatewayErrors[this.code];
    return { error: { message: this.message, type, code: this.code, param: null, request_id: requestId } };
  }
}
