// Asks a provider and translates every way it can fail into one of our refusals. Nothing of a provider's error text passes,
// since providers echo keys and prompts in it. The only file of the router that knows the HTTP client package.
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import request from 'undici/lib/api/api-request.js';
import errors from 'undici/lib/core/errors.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import type { RouterConfig } from '../config/config.js';
import type { EarlyEnd } from '../early-end.js';
import { GatewayError } from '../gateway-error.js';
import { isEncoded } from '../http/content-encoding.js';
import type { Target } from '../routing/target.js';
import { answerTooLarge, maxAnswerBytes } from './largest-answer.js';
import { refusedBy } from './upstream-refusal.js';

export interface StreamedAnswer {
  readonly contentType: string;
  readonly body: Readable;
}

export interface UpstreamRequest {
  readonly target: Target;
  /** Below the target's base URL. */
  readonly path: string;
  readonly body: string;
  /** Headers of the caller's that its dialect passes on. */
  readonly headers: Readonly<Record<string, string>>;
  readonly early: EarlyEnd;
  /** Hears the status of an answer that is 2xx, before its body. */
  readonly onHead: (status: number) => void;
}

/** So much of an answer that is refused is read, to keep its connection. */
const maxRefusalBytes = 64 * 1024;

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

  /** The whole answer when its status is 2xx. @throws GatewayError for everything else */
  async whole(asked: UpstreamRequest): Promise<Buffer> {
    if (asked.early.reason !== null) throw asked.early.reason;
    const answer = new WholeAnswer(asked);
    try {
      this.#agent.dispatch(dispatchOptions(asked, 'application/json'), answer);
      return await answer.bytes;
    } catch (error) {
      throw upstreamFailure(error, asked.early);
    } finally {
      answer.stop();
    }
  }

  /** A 2xx answer whose body is still coming. @throws GatewayError for everything else */
  async streamed(asked: UpstreamRequest): Promise<StreamedAnswer> {
    try {
      const answer = await request.call(this.#agent, { ...dispatchOptions(asked, 'text/event-stream'), signal: asked.early.signal });
      if (!isSuccess(answer.statusCode)) {
        await answer.body.dump({ limit: maxRefusalBytes }).catch(() => undefined);
        throw refusedBy(answer.statusCode, answer.headers['retry-after']);
      }
      asked.onHead(answer.statusCode);
      if (isEncoded(answer.headers['content-encoding'])) {
        answer.body.on('error', () => undefined).destroy();
        throw encodedAnswer();
      }
      return { contentType: String(answer.headers['content-type'] ?? ''), body: answer.body };
    } catch (error) {
      throw upstreamFailure(error, asked.early);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, ...this.#leaving].map((agent) => agent.destroy()));
  }
}

/** Collects an answer by the client's own events, since a stream around a body of one piece costs as much as asking for it. */
class WholeAnswer implements Dispatcher.DispatchHandler {
  readonly bytes: Promise<Buffer>;
  readonly #asked: UpstreamRequest;
  readonly #chunks: Buffer[] = [];
  #resolve: (bytes: Buffer) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #given: Error | null = null;
  #refusal: GatewayError | null = null;
  #size = 0;

  constructor(asked: UpstreamRequest) {
    this.#asked = asked;
    this.bytes = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    asked.early.onEnd(this.#onEnd);
  }

  stop(): void {
    this.#asked.early.offEnd(this.#onEnd);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#given !== null) controller.abort(this.#given);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    if (isSuccess(status)) {
      this.#asked.onHead(status);
      if (!isEncoded(headers['content-encoding'])) return;
      this.#refusal = encodedAnswer();
    } else this.#refusal = refusedBy(status, headers['retry-after']);
    if (Number(headers['content-length'] ?? 0) > maxRefusalBytes) this.#giveUp(this.#refusal);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#refusal !== null) {
      if (this.#size > maxRefusalBytes) this.#giveUp(this.#refusal);
      return;
    }
    this.#chunks.push(chunk);
    if (this.#size > maxAnswerBytes) this.#giveUp(answerTooLarge());
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    if (this.#refusal !== null) this.#reject(this.#refusal);
    else this.#resolve(first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks));
  }

  /** An answer that is a refusal stays one, whatever becomes of the rest of its body. */
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(this.#refusal ?? error);
  }

  readonly #onEnd = (): void => {
    const { reason } = this.#asked.early;
    if (reason !== null) this.#giveUp(reason);
  };

  /** Nobody waits any longer, even where there is no connection to ask on yet. */
  #giveUp(reason: Error): void {
    this.#given = reason;
    this.#controller?.abort(reason);
    this.#reject(reason);
  }
}

function dispatchOptions({ target, path, body, headers }: UpstreamRequest, accept: string) {
  return {
    origin: target.origin,
    path: `${target.basePath}${path}`,
    method: 'POST' as const,
    headersTimeout: target.attemptTimeoutMs,
    headers: {
      ...target.headers,
      ...headers,
      'content-type': 'application/json',
      accept,
      'accept-encoding': 'identity',
      ...credential(target),
    },
    body,
  };
}

function encodedAnswer(): GatewayError {
  const bad = { errorClass: 'upstream_bad_answer', retryable: true } as const;
  return new GatewayError('upstream-failed', 'the upstream answered in an encoding that was not asked for', bad);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
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
export function upstreamFailure(error: unknown, early: EarlyEnd): GatewayError {
  if (early.reason !== null) return early.reason;
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
