// Reads a provider's streamed chat completion, chunk by chunk.
import { GatewayError } from '../../gateway-error.js';
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { ServerSentEvent } from '../../upstream/server-sent-events.js';
import type { ReplyEvent } from '../conversation.js';
import type { StreamReader } from '../dialect.js';
import { chatUsageOf, stopReasonOf } from './read-reply.js';

const terminal = 'data: [DONE]\n\n';

export class ChatStreamReader implements StreamReader {
  readonly #wantsUsage: boolean;
  /** Ids of the tool calls by their index in the stream. */
  readonly #calls = new Map<number, string>();
  #finished = false;
  #ended = false;

  constructor(wantsUsage: boolean) {
    this.#wantsUsage = wantsUsage;
  }

  get ended(): boolean {
    return this.#ended;
  }

  closing(): string | null {
    return this.#finished ? terminal : null;
  }

  read({ text, data }: ServerSentEvent): { readonly events: readonly ReplyEvent[]; readonly forward: string | null } {
    if (data === null) return { events: [], forward: `${text}\n\n` };
    if (data === '[DONE]') {
      if (!this.#finished) throw unreadable();
      this.#ended = true;
      return { events: [], forward: terminal };
    }
    const chunk = parsed(data);
    const choices = chunk['choices'];
    if (chunk['error'] !== undefined || !Array.isArray(choices)) throw unreadable();
    const events: ReplyEvent[] = [];
    for (const choice of choices) if (isJsonObject(choice)) this.#readChoice(choice, events);
    const usage = chatUsageOf(chunk['usage']);
    if (usage !== null) events.push({ type: 'usage', usage });
    return { events, forward: this.#forward(data, chunk, choices.length) };
  }

  /** Usage that only we asked for stays here. */
  #forward(data: string, chunk: JsonObject, choices: number): string | null {
    if (this.#wantsUsage || !('usage' in chunk)) return `data: ${data}\n\n`;
    if (choices === 0) return null;
    const { usage: _, ...rest } = chunk;
    return `data: ${JSON.stringify(rest)}\n\n`;
  }

  #readChoice(choice: JsonObject, events: ReplyEvent[]): void {
    const { delta, finish_reason: finish } = choice;
    if (isJsonObject(delta)) {
      if (typeof delta['content'] === 'string' && delta['content'] !== '') events.push({ type: 'text', text: delta['content'] });
      if (Array.isArray(delta['tool_calls'])) for (const call of delta['tool_calls']) if (isJsonObject(call)) this.#readCall(call, events);
    }
    if (typeof finish !== 'string') return;
    this.#finished = true;
    events.push({ type: 'end', stop: stopReasonOf(finish), stopSequence: null });
  }

  #readCall(call: JsonObject, events: ReplyEvent[]): void {
    const index = typeof call['index'] === 'number' ? call['index'] : 0;
    const run = isJsonObject(call['function']) ? call['function'] : {};
    const { id } = call;
    if (typeof id === 'string' && id !== '' && !this.#calls.has(index)) {
      this.#calls.set(index, id);
      events.push({ type: 'tool-start', id, name: typeof run['name'] === 'string' ? run['name'] : '' });
    }
    const known = this.#calls.get(index);
    const fragment = run['arguments'];
    if (known !== undefined && typeof fragment === 'string' && fragment !== '')
      events.push({ type: 'tool-arguments', id: known, fragment });
  }
}

function parsed(data: string): JsonObject {
  try {
    const value: unknown = JSON.parse(data);
    if (isJsonObject(value)) return value;
  } catch {
    // Answered below, like JSON that is no object.
  }
  throw unreadable();
}

function unreadable(): GatewayError {
  return new GatewayError('upstream-failed', 'the upstream sent an error or something unreadable in the stream', {
    errorClass: 'upstream_bad_answer',
    retryable: true,
  });
}
