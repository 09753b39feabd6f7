// Writes a streamed answer of the Responses dialect for a caller whose answer comes in another one. Every item is opened, written
// and closed with all its events: agents read the closed items only, and the official SDK builds its answer from the opened ones.
import type { JsonObject } from '../../http/read-body.js';
import type { ReplyEvent, StopReason, TokenUsage } from '../conversation.js';
import type { ReplyFrame, StreamWriter, ToldSoFar } from '../dialect.js';
import { type OrderedEvent, OrderedParts } from '../ordered-parts.js';
import { sseEvent } from '../sse-event.js';
import { type CallType, callItem, callItemId, callTypeOf, type ItemStatus, itemId, messageItem, textPart } from './output-items.js';
import { incompleteReason, responseId, responseObject } from './response-object.js';

interface OpenItem {
  readonly id: string;
  /** Null for a message. */
  readonly call: { readonly type: CallType; readonly id: string; readonly name: string } | null;
  /** Text of the message, or arguments of the call. */
  text: string;
}

export class ResponsesStreamWriter implements StreamWriter {
  readonly #frame: ReplyFrame;
  readonly #parts = new OrderedParts();
  readonly #output: JsonObject[] = [];
  #open: OpenItem | null = null;
  #sequence = 0;
  #stop: StopReason = 'end';
  #usage: TokenUsage | null = null;

  constructor(frame: ReplyFrame) {
    this.#frame = frame;
  }

  get told(): ToldSoFar {
    return { responseId: responseId(this.#frame.requestId), sequence: this.#sequence };
  }

  write(event: ReplyEvent): string {
    const opening = this.#sequence === 0 ? this.#opening() : '';
    if (event.type === 'usage') {
      this.#usage = event.usage;
      return opening;
    }
    if (event.type === 'end') this.#stop = event.stop;
    const ordered = event.type === 'end' ? this.#parts.end() : this.#parts.take(event);
    return opening + ordered.map((each) => this.#part(each)).join('');
  }

  finish(): string {
    const type = incompleteReason(this.#stop) === null ? 'response.completed' : 'response.incomplete';
    const response = responseObject(this.#frame, this.#output, { stop: this.#stop, usage: this.#usage });
    return this.#event(type, { response });
  }

  #opening(): string {
    const response = responseObject(this.#frame, [], null);
    return this.#event('response.created', { response }) + this.#event('response.in_progress', { response });
  }

  #part(event: OrderedEvent): string {
    switch (event.type) {
      case 'text':
        return (this.#open === null ? this.#openMessage() : '') + this.#textDelta(event.text);
      case 'tool-start':
        return this.#openCall(event.id, event.name);
      case 'tool-arguments':
        return this.#argumentsDelta(event.fragment);
      case 'close':
        return this.#close();
    }
  }

  get #index(): number {
    return this.#output.length;
  }

  #openMessage(): string {
    const id = itemId('msg', this.#frame, this.#index);
    this.#open = { id, call: null, text: '' };
    const part = { item_id: id, output_index: this.#index, content_index: 0, part: textPart('') };
    return (
      this.#event('response.output_item.added', { output_index: this.#index, item: messageItem(id, null, 'in_progress') }) +
      this.#event('response.content_part.added', part)
    );
  }

  #textDelta(delta: string): string {
    const open = this.#open;
    if (open === null) return '';
    open.text += delta;
    const place = { item_id: open.id, output_index: this.#index, content_index: 0 };
    return this.#event('response.output_text.delta', { ...place, delta, logprobs: [] });
  }

  #openCall(callId: string, name: string): string {
    const { ask } = this.#frame;
    const type = callTypeOf(ask, name);
    const id = callItemId(type, this.#frame, this.#index);
    this.#open = { id, call: { type, id: callId, name }, text: '' };
    const item = callItem(ask, id, { id: callId, name, arguments: '' }, 'in_progress');
    return this.#event('response.output_item.added', { output_index: this.#index, item });
  }

  /** What a freeform tool is called with can be told only when the arguments that carry it are whole. */
  #argumentsDelta(delta: string): string {
    const open = this.#open;
    if (open === null) return '';
    open.text += delta;
    if (open.call?.type !== 'function') return '';
    return this.#event('response.function_call_arguments.delta', { item_id: open.id, output_index: this.#index, delta });
  }

  #close(): string {
    const open = this.#open;
    if (open === null) return '';
    this.#open = null;
    const output_index = this.#index;
    const place = { item_id: open.id, output_index };
    const status: ItemStatus = incompleteReason(this.#stop) === null ? 'completed' : 'incomplete';
    const item =
      open.call === null
        ? messageItem(open.id, open.text, status)
        : callItem(this.#frame.ask, open.id, { id: open.call.id, name: open.call.name, arguments: open.text }, status);
    const written = open.call === null ? this.#closeText(place, open.text) : this.#closeCall(place, open.call.type, item);
    const done = this.#event('response.output_item.done', { output_index, item });
    this.#output.push(item);
    return written + done;
  }

  #closeText(place: JsonObject, text: string): string {
    const at = { ...place, content_index: 0 };
    return (
      this.#event('response.output_text.done', { ...at, text, logprobs: [] }) +
      this.#event('response.content_part.done', { ...at, part: textPart(text) })
    );
  }

  #closeCall(place: JsonObject, type: CallType, item: JsonObject): string {
    if (type === 'function')
      return this.#event('response.function_call_arguments.done', { ...place, name: item['name'], arguments: item['arguments'] });
    if (type === 'tool_search') return '';
    const { input } = item;
    return (
      this.#event('response.custom_tool_call_input.delta', { ...place, delta: input }) +
      this.#event('response.custom_tool_call_input.done', { ...place, input })
    );
  }

  #event(type: string, members: JsonObject): string {
    const sequence_number = this.#sequence;
    this.#sequence += 1;
    return sseEvent({ type, sequence_number, ...members });
  }
}
