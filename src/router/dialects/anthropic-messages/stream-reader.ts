// Reads a provider's streamed message, event by event.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { ServerSentEvent } from '../../upstream/server-sent-events.js';
import type { ReplyEvent } from '../conversation.js';
import type { StreamReader } from '../dialect.js';
import { eventObject, failureOf, unreadable } from '../provider-failure.js';
import { sseEvent } from '../sse-event.js';
import { readMessageInput, readMessageUsage } from './message-usage.js';
import { stopReasonOf } from './read-reply.js';

interface OpenCall {
  readonly id: string;
  /** What stands in the opening event; some providers send the whole input there. */
  readonly input: unknown;
  told: boolean;
}

export class MessagesStreamReader implements StreamReader {
  /** Calls by the index of their block. */
  readonly #calls = new Map<unknown, OpenCall>();
  #begun = false;
  #startUsage: unknown = null;
  #inputTokens: number | null = null;
  #stopped = false;
  #ended = false;

  get inputTokens(): number | null {
    return this.#inputTokens;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The reason why the model stopped was told; only the farewell is missing. */
  closing(): string | null {
    return this.#stopped ? sseEvent({ type: 'message_stop' }) : null;
  }

  read({ text, data }: ServerSentEvent): { readonly events: readonly ReplyEvent[]; readonly forward: string | null } {
    // A comment or ping before the answer says nothing yet; passing it on would rule out another target.
    if (data === null || data === '[DONE]') return { events: [], forward: this.#begun && data === null ? `${text}\n\n` : null };
    const event = eventObject(data);
    const events = this.#eventsOf(event);
    this.#begun ||= event['type'] !== 'ping';
    return { events, forward: this.#begun ? `${text}\n\n` : null };
  }

  #eventsOf(event: JsonObject): readonly ReplyEvent[] {
    switch (event['type']) {
      case 'message_start':
        this.#startUsage = isJsonObject(event['message']) ? event['message']['usage'] : null;
        this.#inputTokens = readMessageInput(this.#startUsage);
        return [];
      case 'content_block_start':
        return isJsonObject(event['content_block']) ? this.#start(event['index'], event['content_block']) : [];
      case 'content_block_delta':
        return isJsonObject(event['delta']) ? this.#delta(event['index'], event['delta']) : [];
      case 'content_block_stop':
        return this.#stop(event['index']);
      case 'message_delta':
        return this.#messageDelta(event);
      case 'message_stop':
        return this.#messageStop();
      case 'error':
        throw failureOf(event['error']);
      default:
        if (typeof event['type'] !== 'string') throw unreadable('sent something unreadable in the stream');
        return [];
    }
  }

  #start(index: unknown, block: JsonObject): readonly ReplyEvent[] {
    const { type, text, id, name, input } = block;
    if (type === 'text' && typeof text === 'string' && text !== '') return [{ type: 'text', text }];
    if (type !== 'tool_use') return [];
    if (typeof id !== 'string' || typeof name !== 'string') throw unreadable('called a tool without id or name');
    this.#calls.set(index, { id, input: input ?? {}, told: false });
    return [{ type: 'tool-start', id, name }];
  }

  #delta(index: unknown, { type, text, partial_json: fragment }: JsonObject): readonly ReplyEvent[] {
    if (type === 'text_delta' && typeof text === 'string' && text !== '') return [{ type: 'text', text }];
    const call = this.#calls.get(index);
    if (type !== 'input_json_delta' || call === undefined || typeof fragment !== 'string' || fragment === '') return [];
    call.told = true;
    return [{ type: 'tool-arguments', id: call.id, fragment }];
  }

  /** A call without arguments has no deltas; elsewhere it must still hold an object. */
  #stop(index: unknown): readonly ReplyEvent[] {
    const call = this.#calls.get(index);
    if (call === undefined || call.told) return [];
    call.told = true;
    return [{ type: 'tool-arguments', id: call.id, fragment: JSON.stringify(call.input) }];
  }

  #messageDelta({ delta, usage }: JsonObject): readonly ReplyEvent[] {
    const counts = readMessageUsage(this.#startUsage, usage);
    const events: ReplyEvent[] = counts === null ? [] : [{ type: 'usage', usage: counts }];
    const { stop_reason: reason, stop_sequence: sequence } = isJsonObject(delta) ? delta : {};
    if (typeof reason !== 'string' || this.#stopped) return events;
    this.#stopped = true;
    return [...events, { type: 'end', stop: stopReasonOf(reason), stopSequence: typeof sequence === 'string' ? sequence : null }];
  }

  #messageStop(): readonly ReplyEvent[] {
    this.#ended = true;
    if (this.#stopped) return [];
    this.#stopped = true;
    return [{ type: 'end', stop: this.#calls.size > 0 ? 'tool-calls' : 'end', stopSequence: null }];
  }
}
