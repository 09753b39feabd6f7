// Requests that node:http cannot read to their end: not HTTP, too large a head, a broken body, too slow. Where the request is
// known it is refused like every other; else the answer is written to the bare socket, after the answers that are due on it.
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
    const refusal = new GatewayError(code, messages[code] ?? 'the HTTP request could not be read; check how it is written');
    const begun = this.#latest.get(socket);
    if (begun === undefined || begun.response.writableFinished) this.#end(socket, refusal);
    else if (begun.request.complete) begun.response.once('close', () => this.#end(socket, refusal));
    else if (!begun.request.emit(unreadable, refusal)) socket.destroy();
  }

  /** Agents that try a web socket first go on with plain requests when they are told at once. */
  refuseUpgrade(socket: Socket): void {
    this.#end(socket, new GatewayError('upgrade-unsupported', 'ask by plain HTTP requests'));
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
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    // node:http has let go of the socket, so that nobody else would hear of an error or end what the caller leaves open.
    socket.on('error', () => socket.destroy());
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.once('close', () => clearTimeout(timer));
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.resume();
  }
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
