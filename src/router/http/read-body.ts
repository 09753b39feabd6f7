// Reads a JSON object from a request body: bounded, strictly UTF-8, with one refusal for each way it can be wrong.
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../gateway-error.js';
import { isEncoded } from './content-encoding.js';
import { isTooDeep } from './nesting.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

export type JsonObject = Record<string, unknown>;

export async function readJsonObject(request: IncomingMessage, limitBytes: number): Promise<JsonObject> {
  const bytes = await readBytes(request, limitBytes);
  if (isEncoded(request.headers['content-encoding']))
    throw new GatewayError('invalid-body', 'the request body is compressed or encoded otherwise; send it without Content-Encoding');
  let value: unknown;
  try {
    value = JSON.parse(strictUtf8.decode(bytes));
  } catch {
    throw new GatewayError('invalid-body', 'the request body is not valid JSON in UTF-8');
  }
  if (!isJsonObject(value)) throw new GatewayError('invalid-body', 'the request body is not a JSON object');
  if (isTooDeep(value, bytes.length)) throw new GatewayError('invalid-body', 'the request body is nested too deep');
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Emitted on a request whose rest cannot be read, with the GatewayError that says why. */
export const unreadable = Symbol('unreadable');

/** @throws GatewayError `request-too-large`, `client-canceled`, `request-timeout`, `invalid-request` */
export function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = () => new GatewayError('request-too-large', `the request body is larger than ${limitBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limitBytes) {
        request.off('data', onData);
        reject(tooLarge());
        return;
      }
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
    const gone = (): void => {
      if (!request.readableEnded) reject(new GatewayError('client-canceled', 'the client went away', { errorClass: 'client_canceled' }));
    };
    request.once(unreadable, reject);
    request.once('error', gone);
    request.once('close', gone);
  });
}
