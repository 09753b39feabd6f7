// Asks a provider and translates every way it can fail into one of our refusals. Nothing of a provider's error text passes,
// since providers echo keys and prompts in it. The only file of the router that knows the HTTP client package.
import { Agent, errors, request } from 'undici';
import type { RouterConfig } from './config.js';
import { GatewayError } from './gateway-error.js';

export interface UpstreamAnswer {
  readonly contentType: string;
  readonly body: AsyncIterable<Buffer>;
}

export interface UpstreamRequest {
  readonly url: string;
  readonly apiKey: string | null;
  readonly stream: boolean;
  readonly body: string;
  /** Aborted with a GatewayError as its reason. */
  readonly signal: AbortSignal;
}

export class UpstreamClient {
  readonly #agent: Agent;

  constructor(timeouts: RouterConfig['upstream']) {
    this.#agent = new Agent({
      connect: { timeout: timeouts.connect_timeout_ms },
      headersTimeout: timeouts.first_byte_timeout_ms,
      bodyTimeout: timeouts.idle_timeout_ms,
      keepAliveTimeout: 30_000,
    });
  }

  /** The answer when its status is 2xx; everything else throws a GatewayError. */
  async post({ url, apiKey, stream, body, signal }: UpstreamRequest): Promise<UpstreamAnswer> {
    try {
      const answer = await request(url, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: {
          'content-type': 'application/json',
          accept: stream ? 'text/event-stream' : 'application/json',
          ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body,
        signal,
      });
      if (answer.statusCode >= 200 && answer.statusCode < 300)
        return { contentType: String(answer.headers['content-type'] ?? ''), body: answer.body };
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
      throw refusedBy(answer.statusCode, answer.headers['retry-after']);
    } catch (error) {
      throw upstreamFailure(error, signal);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Also for errors that come while an answer's body is being read. */
export function upstreamFailure(error: unknown, signal: AbortSignal): GatewayError {
  if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
  if (error instanceof GatewayError) return error;
  const timedOut =
    error instanceof errors.ConnectTimeoutError || error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
  if (timedOut) return new GatewayError('upstream-timeout', 'the upstream did not answer in time');
  // Undici and the system give their errors a code; what has none is our own mistake and must not be blamed on the upstream.
  if (error instanceof Error && 'code' in error)
    return new GatewayError('upstream-failed', 'the upstream could not be reached or broke off');
  return new GatewayError('internal-error', 'the router failed; see its log', {}, error);
}

function refusedBy(status: number, retryAfter: string | string[] | undefined): GatewayError {
  const headers: Record<string, string> = { 'X-Upstream-Status': String(status) };
  if (typeof retryAfter === 'string' && /^[\w ,:-]{1,64}$/.test(retryAfter)) headers['Retry-After'] = retryAfter;
  if (status === 429) return new GatewayError('upstream-rate-limited', 'the upstream is limiting requests', headers);
  if (status === 402) return new GatewayError('upstream-quota-exhausted', 'the quota at the upstream is used up', headers);
  if (status === 401 || status === 403) return new GatewayError('upstream-access-denied', 'the upstream refused our credential', headers);
  if (status === 408 || status === 504) return new GatewayError('upstream-timeout', 'the upstream did not answer in time', headers);
  return new GatewayError('upstream-failed', `the upstream answered with status ${status}`, headers);
}
