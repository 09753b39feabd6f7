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
const blankLine = /\r?\n\r?\n/;
/** So many characters before a piece may belong to a blank line that ends in it. */
const seamCharacters = 3;

export async function* readEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ServerSentEvent[]> {
  const decoder = new TextDecoder();
  // What is held is searched once, however many pieces a large event comes in.
  let held: string[] = [];
  let heldCharacters = 0;
  let seam = '';
  for await (const chunk of bytes) {
    const piece = decoder.decode(chunk, { stream: true });
    held.push(piece);
    heldCharacters += piece.length;
    const searched = seam + piece;
    seam = searched.slice(-seamCharacters);
    if (blankLine.test(searched)) {
      const parts = (held.length === 1 ? piece : held.join('')).split(blankLine);
      const rest = parts.pop() ?? '';
      held = rest === '' ? [] : [rest];
      heldCharacters = rest.length;
      seam = rest.slice(-seamCharacters);
      yield parts.filter((part) => part !== '').map(parseEvent);
    }
    if (heldCharacters > maxEventCharacters) throw eventTooLarge();
  }
}

function eventTooLarge(): GatewayError {
  const bad = { errorClass: 'upstream_bad_answer', retryable: true } as const;
  return new GatewayError('upstream-failed', 'the upstream sent an event that is too large', bad);
}

function parseEvent(text: string): ServerSentEvent {
  const data = text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''));
  return { text, data: data.length > 0 ? data.join('\n') : null };
}
