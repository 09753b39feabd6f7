// Writes a streamed chat completion for a caller whose answer comes in another dialect.
import type { JsonObject } from '../../http/read-body.js';
import type { ReplyEvent, TokenUsage } from '../conversation.js';
import type { ReplyFrame, StreamWriter } from '../dialect.js';
import { chatId, chatUsage, finishReasonOf } from './write-reply.js';

export class ChatStreamWriter implements StreamWriter {
  readonly #frame: ReplyFrame;
  readonly #calls: string[] = [];
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
      case 'tool-start': {
        const index = this.#calls.push(event.id) - 1;
        return this.#chunk(
          { tool_calls: [{ index, id: event.id, type: 'function', function: { name: event.name, arguments: '' } }] },
          null,
        );
      }
      case 'tool-arguments': {
        const index = this.#calls.indexOf(event.id);
        return this.#chunk({ tool_calls: [{ index, function: { arguments: event.fragment } }] }, null);
      }
      case 'end':
        return this.#chunk({}, finishReasonOf(event.stop));
      case 'usage':
        this.#usage = event.usage;
        return '';
    }
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
