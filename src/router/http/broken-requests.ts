// Requests that node:http cannot read to their end: not HTTP, too large a head, a broken body, too slow; and CONNECT, which it hands
// over as a bare socket. Where the request is known it is refused like every other; else the answer is written to the socket, after
// the answers that are due on it.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { openAiErrorBody } from '../dialects/openai-error-body.js';
import { GatewayError, type GatewayErrorCode } from '../gateway-error.js';
import { unreadable } from './read-body.js';
import { newRequestId } from './request-id.js';

/** How long a caller may take to read a refusal and close the connection. */
const patienceMs = 2000;

const codes: Readonly<Record<string, GatewayErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'request-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};
const messages: Readonly<Partial<Record<GatewayErrorCode, string>>> = {
  'headers-too-large': 'the headers are too large; send fewer or shorter ones',
  'request-too-large': 'the extensions of a chunk are too large; send the body without them',
  'request-timeout': 'the request took too long to arrive; send it faster',
};

interface Begun {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class BrokenRequests {
  readonly #metrics: { refused(code: GatewayErrorCode): void };
  /** The latest request of each connection. */
  readonly #latest = new WeakMap<Socket, Begun>();
  readonly #refused = new WeakSet<Socket>();

  constructor(metrics: { refused(code: GatewayErrorCode): void }) {
    this.#metrics = metrics;
  }

  begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const before = this.#latest.get(socket);
    this.#latest.set(socket, { request, response });
    if (before !== undefined && !before.response.writableFinished) closeWithoutTurn(socket, response);
  }

  refuse(error: Error & { readonly code?: string }, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    // Each further piece of something unreadable is an error again.
    if (this.#refused.has(socket)) return;
    this.#refused.add(socket);
    const code = codes[error.code ?? ''] ?? 'invalid-request';
    this.#inTurn(socket, new GatewayError(code, messages[code] ?? 'the HTTP request could not be read; check how it is written'));
  }

  /** A CONNECT names no path of this router, so that it is spelt in no dialect. */
  refuseTunnel(socket: Socket): void {
    const message = 'this router is no proxy; ask its paths by GET or POST';
    letGo(socket);
    this.#inTurn(socket, new GatewayError('method-not-allowed', message, { headers: { Allow: 'GET, POST' } }));
  }

  #inTurn(socket: Socket, refusal: GatewayError): void {
    const begun = this.#latest.get(socket);
    if (begun === undefined || begun.response.writableFinished) this.#end(socket, refusal);
    else if (begun.request.complete) begun.response.once('close', () => this.#end(socket, refusal));
    else if (!begun.request.emit(unreadable, refusal)) socket.destroy();
  }

  #end(socket: Socket, refusal: GatewayError): void {
    if (!socket.writable) return;
    this.#metrics.refused(refusal.code);
    const requestId = newRequestId();
    const body = `${JSON.stringify(openAiErrorBody(refusal, requestId))}\n`;
    const head = [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`,
      'Content-Type: application/json',
      `X-Request-Id: ${requestId}`,
      ...Object.entries(refusal.headers).map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    letGo(socket);
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.once('close', () => clearTimeout(timer));
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
}

/** node:http has no more to do with the socket, so that nobody else would hear of an error, or of the caller's leaving. */
function letGo(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.resume();
}

/**
 * An answer that waits for its turn behind another on the same connection has no socket yet, so that node:http never tells it
 * that the caller is gone, and whoever waits for its end would wait forever.
 */
function closeWithoutTurn(socket: Socket, response: ServerResponse): void {
  const gone = (): void => {
    if (response.socket !== null || response.writableFinished) return;
    response.destroy();
    response.emit('close');
  };
  socket.setMaxListeners(0).once('close', gone);
  response.once('finish', () => socket.off('close', gone));
}
