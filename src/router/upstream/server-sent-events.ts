// Cuts a byte stream into server-sent events. Yields the complete events of each piece of input together, so that a relay
// writes as often as its upstream did.
import { GatewayError } from '../gateway-error.js';

export interface ServerSentEvent {
  /** The event as it came, without its closing blank line. */
  readonly text: string;
  /** The joined `data:` lines; null for comments and the like. */
  readonly data: string | null;
}

const maxEventCharacters = 16 * 1024 * 1024;

export async function* readEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ServerSentEvent[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split(/\r?\n\r?\n/);
    rest = parts.pop() ?? '';
    if (rest.length > maxEventCharacters) throw new GatewayError('upstream-failed', 'the upstream sent an event that is too large');
    if (parts.length > 0) yield parts.filter((part) => part !== '').map(parseEvent);
  }
}

function parseEvent(text: string): ServerSentEvent {
  const data = text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''));
  return { text, data: data.length > 0 ? data.join('\n') : null };
}
