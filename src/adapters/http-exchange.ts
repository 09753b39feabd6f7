// One request on the wire: counts bytes, takes times, and settles once, whatever ends first: server, limit, time or caller.
import { setMaxListeners } from 'node:events';
import type { Dispatcher } from 'undici';
import type { HttpRequest, Unreachable } from '../core/ports/http.js';
import { SseDecoder } from './sse-decoder.js';
import { unreachableBecause } from './unreachable.js';

const defaultMaxBytes = 1024 * 1024;

export type ExchangeEnd = 'closed' | 'cut' | 'timeout' | 'limit' | 'aborted';

export interface Exchanged {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly decoder: SseDecoder | null;
  readonly ended: ExchangeEnd;
  readonly failure: Unreachable | null;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #wantsEvents: boolean;
  readonly #settled: (result: Exchanged) => void;
  readonly #startedMs = performance.now();
  readonly #maxBytes: number;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  #decoder: SseDecoder | null = null;
  #firstByteMs = 0;
  #done = false;

  constructor(request: HttpRequest, wantsEvents: boolean, settled: (result: Exchanged) => void) {
    this.#request = request;
    this.#wantsEvents = wantsEvents;
    this.#settled = settled;
    this.#maxBytes = request.maxBytes ?? defaultMaxBytes;
    this.#timer = setTimeout(this.#onTimeout, request.timeoutMs);
    if (request.signal === undefined) return;
    // One signal ends a whole group of checks; node would take that many listeners for a leak and say so on stderr.
    setMaxListeners(0, request.signal);
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The time was up while the connection was still being made.
    if (this.#done) controller.abort(new Error('settled'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = flat(headers);
    this.#firstByteMs = this.#elapsedMs();
    if (this.#wantsEvents && (this.#headers['content-type'] ?? '').toLowerCase().startsWith('text/event-stream'))
      this.#decoder = new SseDecoder();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return;
    const room = this.#maxBytes - this.#bytes;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#bytes += kept.length;
    if (this.#decoder !== null) this.#decoder.push(kept, this.#elapsedMs());
    else this.#chunks.push(kept);
    if (kept.length < chunk.length) this.#settle('limit', null);
  }

  onResponseEnd(): void {
    if (!this.#done) this.#decoder?.end();
    this.#settle('closed', null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const failure = unreachableBecause(error);
    this.#settle(failure.reason === 'timeout' ? 'timeout' : 'cut', failure);
  }

  readonly #onTimeout = (): void => {
    this.#settle('timeout', { kind: 'unreachable', reason: 'timeout', message: `no complete answer within ${this.#request.timeoutMs} ms` });
  };

  readonly #onAbort = (): void => {
    this.#settle('aborted', { kind: 'unreachable', reason: 'aborted', message: 'stopped before the answer was complete' });
  };

  #elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  #settle(ended: ExchangeEnd, failure: Unreachable | null): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    if (ended !== 'closed') this.#controller?.abort(new Error('settled'));
    this.#settled({
      status: this.#status,
      headers: this.#headers,
      body: text(this.#chunks),
      decoder: this.#decoder,
      ended,
      failure: failure ?? null,
      firstByteMs: this.#firstByteMs,
      totalMs: this.#elapsedMs(),
    });
    this.#chunks = [];
  }
}

function text(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  if (first === undefined) return '';
  return chunks.length === 1 ? first.toString('utf8') : Buffer.concat(chunks).toString('utf8');
}

function flat(headers: Record<string, string | string[] | undefined>): Readonly<Record<string, string>> {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = value.join(', ');
  }
  return headers as Record<string, string>;
}
