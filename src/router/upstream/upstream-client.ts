// Asks a provider and translates every way it can fail into one of our refusals. Nothing of a provider's error text passes,
// since providers echo keys and prompts in it. The only file of the router that knows the HTTP client package.
import type { Readable } from 'node:stream';
import { Agent, errors, request } from 'undici';
import type { RouterConfig } from '../config/config.js';
import { type ErrorClass, GatewayError, type GatewayErrorCode } from '../gateway-error.js';
import type { Target } from '../routing/target.js';

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Readable;
}

export interface UpstreamRequest {
  readonly target: Target;
  /** Below the target's base URL. */
  readonly path: string;
  readonly stream: boolean;
  readonly body: string;
  /** Headers of the caller's that its dialect passes on. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted with a GatewayError as its reason. */
  readonly signal: AbortSignal;
}

export class UpstreamClient {
  #agent: Agent;
  #timeouts: Timeouts;
  /** Agents of earlier timeouts, while requests are open at them. */
  readonly #leaving = new Set<Agent>();

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
    this.#agent = agentWith(timeouts);
  }

  /** For requests from now on; open ones end with the timeouts that they began with. */
  configure(timeouts: Timeouts): void {
    if (JSON.stringify(timeoutsOf(timeouts)) === JSON.stringify(timeoutsOf(this.#timeouts))) return;
    const old = this.#agent;
    this.#timeouts = timeouts;
    this.#agent = agentWith(timeouts);
    this.#leaving.add(old);
    void old.close().finally(() => this.#leaving.delete(old));
  }

  /** The answer when its status is 2xx; everything else throws a GatewayError. */
  async post({ target, path, stream, body, headers, signal }: UpstreamRequest): Promise<UpstreamAnswer> {
    try {
      const answer = await request(`${target.baseUrl}${path}`, {
        method: 'POST',
        dispatcher: this.#agent,
        headersTimeout: target.attemptTimeoutMs,
        headers: {
          ...target.headers,
          ...headers,
          'content-type': 'application/json',
          accept: stream ? 'text/event-stream' : 'application/json',
          ...credential(target),
        },
        body,
        signal,
      });
      if (answer.statusCode >= 200 && answer.statusCode < 300)
        return { status: answer.statusCode, contentType: String(answer.headers['content-type'] ?? ''), body: answer.body };
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
      throw refusedBy(answer.statusCode, answer.headers['retry-after']);
    } catch (error) {
      throw upstreamFailure(error, signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, ...this.#leaving].map((agent) => agent.destroy()));
  }
}

type Timeouts = Pick<RouterConfig['upstream'], 'connect_timeout_ms' | 'first_byte_timeout_ms' | 'idle_timeout_ms'>;

function timeoutsOf({ connect_timeout_ms, first_byte_timeout_ms, idle_timeout_ms }: Timeouts): readonly number[] {
  return [connect_timeout_ms, first_byte_timeout_ms, idle_timeout_ms];
}

function agentWith(timeouts: Timeouts): Agent {
  return new Agent({
    connect: { timeout: timeouts.connect_timeout_ms },
    headersTimeout: timeouts.first_byte_timeout_ms,
    bodyTimeout: timeouts.idle_timeout_ms,
    keepAliveTimeout: 30_000,
  });
}

function credential(target: Target): Record<string, string> {
  const key = target.apiKey();
  if (key === null) return {};
  return target.authScheme === 'x-api-key' ? { 'x-api-key': key } : { authorization: `Bearer ${key}` };
}

/** Also for errors that come while an answer's body is being read. */
export function upstreamFailure(error: unknown, signal: AbortSignal): GatewayError {
  if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
  if (error instanceof GatewayError) return error;
  if (
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError
  )
    return new GatewayError('upstream-timeout', 'the upstream did not answer in time', { errorClass: 'upstream_timeout', retryable: true });
  // Undici and the system give their errors a code; what has none is our own mistake and must not be blamed on the upstream.
  if (error instanceof Error && 'code' in error) {
    const refused = error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN';
    return new GatewayError('upstream-failed', 'the upstream could not be reached or broke off', {
      errorClass: refused ? 'upstream_connect_failed' : 'upstream_stream_cut',
      retryable: true,
    });
  }
  return new GatewayError('internal-error', 'the router failed; see its log', { cause: error });
}

/** Providers may go on; a request that they call wrong is wrong for the next one too. */
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
  if (status === 413) return { code: 'upstream-failed', message, errorClass: 'upstream_request_too_large', retryable: false };
  return { code: 'upstream-failed', message, errorClass: 'upstream_bad_request', retryable: false };
}

function refusedBy(status: number, retryAfter: string | string[] | undefined): GatewayError {
  const { code, message, errorClass, retryable } = refusalOf(status);
  const headers: Record<string, string> = { 'X-Upstream-Status': String(status) };
  if (typeof retryAfter === 'string' && /^[\w ,:-]{1,64}$/.test(retryAfter)) headers['Retry-After'] = retryAfter;
  return new GatewayError(code, message, { headers, errorClass, retryable, upstreamStatus: status });
}
