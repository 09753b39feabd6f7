// One request and its answer: the id that every answer carries, the clock, and the few ways to answer.
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import { openAiErrorBody } from '../dialects/openai-error-body.js';
import type { GatewayError } from '../gateway-error.js';
import type { JsonObject } from './read-body.js';
import { newRequestId } from './request-id.js';

/** How a refusal is spelt for a caller. */
export type ErrorSpelling = (error: GatewayError, requestId: string) => JsonObject;

/** How long what is left of a refused request is read. */
const readOnMs = 2000;

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId = newRequestId();
  readonly arrivedAtMs = Date.now();
  /** The path without its query; queries are never logged, since people put tokens there. */
  readonly path: string;
  spellError: ErrorSpelling = openAiErrorBody;
  /** The connection was closed because the caller took nothing of the answer. */
  leftUnread = false;
  readonly #startedMs = performance.now();
  /** Names and values in turn: a head that is made of them costs much less than one of an object. */
  readonly #idHeaders: string[] = ['X-Request-Id', this.requestId];

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.path = this.#target.split('?', 1)[0] || '/';
  }

  /** The query of the request; empty when it has none. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.#target.split('?').slice(1).join('?'));
  }

  /** A target may also come in its absolute form, as proxies write it (RFC 9112, 3.2.2); what is asked is the same. */
  get #target(): string {
    const { url = '/' } = this.request;
    return url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '');
  }

  /** Says the request's id under one more name. */
  nameId(header: string): void {
    this.#idHeaders.push(header, this.requestId);
  }

  /** Sends the head, with the request's id in it. */
  head(status: number, headers: Readonly<Record<string, string | number>>): void {
    const lines: (string | number)[] = [...this.#idHeaders];
    for (const name in headers) lines.push(name, headers[name] as string | number);
    this.response.writeHead(status, lines as OutgoingHttpHeader[]);
  }

  /** Adds sentences to the warning header; ones that come after the head are not sent. */
  warn(headerPrefix: string, sentences: readonly string[]): void {
    if (this.response.headersSent || sentences.length === 0) return;
    const name = `${headerPrefix}-Warning`;
    const before = this.response.getHeader(name);
    this.response.setHeader(name, [...(typeof before === 'string' ? [before] : []), ...sentences].join('; '));
  }

  elapsedMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }

  /** Closes the connection when bytes wait for the caller and it takes none of them for this long. */
  closeWhenUnread(unreadMs: number): void {
    const { response } = this;
    // The system is asked how much is waiting, so that a caller who reads slowly is not taken for one who does not read.
    response.setTimeout(unreadMs, () => {
      if ((response.socket?.writableLength ?? 0) === 0) return;
      this.leftUnread = true;
      response.destroy();
    });
  }

  /**
   * Resolves when the last byte of the answer was handed to the system, or the caller is gone.
   * False: the caller went while some of the answer was waiting for it.
   */
  async sent(): Promise<boolean> {
    const { request, response } = this;
    if (response.writableFinished || response.destroyed || !response.writableEnded) return true;
    let whole = false;
    // What can no longer be sent counts as finished, too, once the socket is gone.
    response.once('finish', () => {
      whole = !request.socket.destroyed;
    });
    // An answer is closed at once when it is finished, and also when it never will be.
    await new Promise((resolve) => response.once('close', resolve));
    return whole;
  }

  sendJson(status: number, body: unknown): void {
    this.sendText(status, `${JSON.stringify(body)}\n`);
  }

  sendText(status: number, text: string | Buffer, contentType = 'application/json'): void {
    this.head(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) });
    this.response.end(this.request.method === 'HEAD' ? undefined : text);
  }

  sendError(error: GatewayError): void {
    if (this.response.headersSent || this.response.destroyed) return;
    for (const [name, value] of Object.entries(error.headers)) this.response.setHeader(name, value);
    const body = this.spellError(error, this.requestId);
    if (this.request.complete) this.sendJson(error.status, body);
    else this.#sendEarly(error.status, `${JSON.stringify(body)}\n`);
  }

  /**
   * Answers a request that is still being sent. Closing now would make the system reset the connection, and the reset could
   * overtake the answer; so the rest is read and thrown away for a moment.
   */
  #sendEarly(status: number, text: string): void {
    const { request, response } = this;
    this.head(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), Connection: 'close' });
    response.write(text);
    const finish = (): void => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(finish, readOnMs);
    request.once('end', finish);
    request.once('close', finish);
    request.resume();
  }
}
