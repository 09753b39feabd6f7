// Writes a streamed chat completion for a caller whose answer comes in another dialect.
import type { JsonObject } from '../../http/read-body.js';
import type { ReplyEvent, TokenUsage } from '../conversation.js';
import type { ReplyFrame, StreamWriter } from '../dialect.js';
import { chatId, chatUsage, finishReasonOf } from './write-reply.js';
import { customNameOf, writtenCall } from './written-calls.js';

interface StreamedCall {
  readonly index: number;
  readonly name: string;
  /** What a freeform tool is called with so far; its text is known only when the whole call is. Null for a function. */
  freeform: string | null;
}

export class ChatStreamWriter implements StreamWriter {
  readonly #frame: ReplyFrame;
  readonly #calls = new Map<string, StreamedCall>();
  #started = false;
  #usage: TokenUsage | null = null;

  constructor(frame: ReplyFrame) {
    this.#frame = frame;
  }

  write(event: ReplyEvent): string {
    const opening = this.#started ? '' : this.#chunk({ role: 'assistant', content: '' }, null);
    this.#started = true;
    return opening + this.#eventText(event);
  }

  finish(): string {
    const usage = this.#frame.ask.wantsStreamUsage && this.#usage !== null ? this.#data([], { usage: chatUsage(this.#usage) }) : '';
    return `${usage}data: [DONE]\n\n`;
  }

  #eventText(event: ReplyEvent): string {
    switch (event.type) {
      case 'text':
        return this.#chunk({ content: event.text }, null);
      case 'tool-start':
        return this.#startCall(event.id, event.name);
      case 'tool-arguments': {
        const call = this.#calls.get(event.id);
        if (call === undefined) return '';
        if (call.freeform === null) return this.#call(call.index, { function: { arguments: event.fragment } });
        call.freeform += event.fragment;
        return '';
      }
      case 'end':
        return this.#freeformCalls() + this.#chunk({}, finishReasonOf(event.stop));
      case 'usage':
        this.#usage = event.usage;
        return '';
    }
  }

  #startCall(id: string, name: string): string {
    const index = this.#calls.size;
    const custom = customNameOf(this.#frame.ask, name);
    this.#calls.set(id, { index, name, freeform: custom === null ? null : '' });
    return custom === null ? this.#call(index, { id, type: 'function', function: { name, arguments: '' } }) : '';
  }

  #freeformCalls(): string {
    let text = '';
    for (const [id, { index, name, freeform }] of this.#calls)
      if (freeform !== null) text += this.#call(index, writtenCall(this.#frame.ask, { id, name, arguments: freeform }));
    return text;
  }

  #call(index: number, call: JsonObject): string {
    return this.#chunk({ tool_calls: [{ index, ...call }] }, null);
  }

  #chunk(delta: JsonObject, finish: string | null): string {
    return this.#data([{ index: 0, delta, finish_reason: finish }], this.#frame.ask.wantsStreamUsage ? { usage: null } : {});
  }

  #data(choices: readonly unknown[], more: JsonObject): string {
    const { createdS, model } = this.#frame;
    const chunk = { id: chatId(this.#frame), object: 'chat.completion.chunk', created: createdS, model, choices, ...more };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  }
}
