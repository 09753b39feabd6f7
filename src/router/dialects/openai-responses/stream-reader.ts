// Reads a provider's streamed answer of the Responses dialect. Deltas are taken as they come; an item whose provider sends it whole
// only, when it is done, is taken then.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { ServerSentEvent } from '../../upstream/server-sent-events.js';
import type { ReplyEvent } from '../conversation.js';
import type { StreamReader, ToldSoFar } from '../dialect.js';
import { eventObject, failureOf, unreadable } from '../provider-failure.js';
import { plainToolName } from '../tool-names.js';
import { partsOfItem, partsOfOutput, responsesUsageOf, stopReasonOf } from './read-reply.js';

interface ItemProgress {
  /** Null for a message, and for a call that nothing was said of yet. */
  callId: string | null;
  /** Text or arguments were told. */
  told: boolean;
}

export class ResponsesStreamReader implements StreamReader {
  /** By their place in the output. */
  readonly #items = new Map<unknown, ItemProgress>();
  #begun = false;
  #calls = false;
  #ended = false;
  #responseId: string | null = null;
  #sequence = 0;

  get told(): ToldSoFar {
    return { responseId: this.#responseId, sequence: this.#sequence };
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Without its terminal event an answer of this dialect is not whole. */
  closing(): string | null {
    return null;
  }

  read({ text, data }: ServerSentEvent): { readonly events: readonly ReplyEvent[]; readonly forward: string | null } {
    // A comment before the answer says nothing yet; passing it on would rule out another target.
    if (data === null || data === '[DONE]') return { events: [], forward: this.#begun && data === null ? `${text}\n\n` : null };
    const event = eventObject(data);
    const events = this.#eventsOf(event);
    this.#begun = true;
    this.#note(event);
    return { events, forward: `${text}\n\n` };
  }

  #note({ sequence_number: sequence, response }: JsonObject): void {
    this.#sequence = typeof sequence === 'number' ? sequence + 1 : this.#sequence + 1;
    if (isJsonObject(response) && typeof response['id'] === 'string') this.#responseId = response['id'];
  }

  #eventsOf(event: JsonObject): readonly ReplyEvent[] {
    const { type, delta } = event;
    switch (type) {
      case 'response.output_item.added':
        return this.#added(event);
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.#text(placeOf(event), delta);
      case 'response.function_call_arguments.delta':
        return this.#arguments(placeOf(event), delta);
      case 'response.output_item.done':
        return isJsonObject(event['item']) ? this.#whole(placeOf(event), event['item']) : [];
      case 'response.completed':
      case 'response.incomplete':
        return this.#terminal(event['response']);
      case 'response.failed':
        throw failureOf(isJsonObject(event['response']) ? event['response']['error'] : null);
      case 'error':
        throw failureOf(isJsonObject(event['error']) ? event['error'] : event);
      default:
        if (typeof type !== 'string') throw unreadable('sent something unreadable in the stream');
        return [];
    }
  }

  #progress(index: unknown): ItemProgress {
    const known = this.#items.get(index) ?? { callId: null, told: false };
    this.#items.set(index, known);
    return known;
  }

  #added(event: JsonObject): readonly ReplyEvent[] {
    const { item } = event;
    if (!isJsonObject(item) || item['type'] !== 'function_call') return [];
    const { call_id: id, name, namespace } = item;
    if (typeof id !== 'string' || typeof name !== 'string') return [];
    return this.#start(placeOf(event), id, plainToolName(typeof namespace === 'string' ? namespace : null, name));
  }

  #start(index: unknown, id: string, name: string): readonly ReplyEvent[] {
    this.#progress(index).callId = id;
    this.#calls = true;
    return [{ type: 'tool-start', id, name }];
  }

  #text(index: unknown, delta: unknown): readonly ReplyEvent[] {
    if (typeof delta !== 'string' || delta === '') return [];
    this.#progress(index).told = true;
    return [{ type: 'text', text: delta }];
  }

  #arguments(index: unknown, delta: unknown): readonly ReplyEvent[] {
    const progress = this.#progress(index);
    if (progress.callId === null || typeof delta !== 'string' || delta === '') return [];
    progress.told = true;
    return [{ type: 'tool-arguments', id: progress.callId, fragment: delta }];
  }

  #whole(index: unknown, item: JsonObject): readonly ReplyEvent[] {
    const progress = this.#progress(index);
    const events: ReplyEvent[] = [];
    if (progress.told) return events;
    for (const part of partsOfItem(item)) {
      if (part.kind === 'text') events.push(...this.#text(index, part.text));
      else {
        if (progress.callId === null) events.push(...this.#start(index, part.id, part.name));
        events.push(...this.#arguments(index, part.arguments));
      }
    }
    progress.told = true;
    return events;
  }

  #terminal(response: unknown): readonly ReplyEvent[] {
    if (!isJsonObject(response)) throw unreadable('ended the stream without its answer');
    const events: ReplyEvent[] = [];
    const output = response['output'];
    if (this.#items.size === 0 && Array.isArray(output))
      for (const [index, item] of output.entries()) if (isJsonObject(item)) events.push(...this.#whole(index, item));
    const calls = this.#calls || (Array.isArray(output) && partsOfOutput(output).some(({ kind }) => kind === 'tool-call'));
    const usage = responsesUsageOf(response['usage']);
    if (usage !== null) events.push({ type: 'usage', usage });
    this.#ended = true;
    return [...events, { type: 'end', stop: stopReasonOf(response, calls), stopSequence: null }];
  }
}

/** Where an item stands in the output; one that came without a place is an item of its own. */
function placeOf({ output_index: index, item_id: itemId, item }: JsonObject): unknown {
  return index ?? itemId ?? (isJsonObject(item) ? item['id'] : undefined) ?? Symbol('item');
}
