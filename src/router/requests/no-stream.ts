// What a provider means that was asked for a stream and answered 2xx with something else: some state an error there as JSON, which
// says whether it is limiting requests or whether another target would refuse the same.

import { statedFailure, unreadable } from '../dialects/provider-failure.js';
import type { GatewayError } from '../gateway-error.js';
import { isJsonObject } from '../http/read-body.js';
import type { StreamedAnswer } from '../upstream/upstream-client.js';

/** An error is short; whatever is longer is none. */
const maxErrorBytes = 64 * 1024;

export async function noStream({ contentType, body }: StreamedAnswer): Promise<GatewayError> {
  const isJson = contentType.startsWith('application/json');
  body.on('error', () => undefined);
  const said = isJson ? await objectIn(body) : null;
  body.destroy();
  return (said === null ? null : statedFailure(said)) ?? unreadable('did not answer with a stream');
}

async function objectIn(body: AsyncIterable<Uint8Array>): Promise<Record<string, unknown> | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxErrorBytes) return null;
    }
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
