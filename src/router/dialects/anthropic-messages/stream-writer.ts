// Writes a streamed message for a caller whose answer comes in another dialect. Blocks are opened and closed one after another, and
// every event carries its name: clients of this dialect pass over what has none.
import type { ReplyEvent, StopReason, TokenUsage } from '../conversation.js';
import type { ReplyFrame, StreamWriter } from '../dialect.js';
import { type OrderedEvent, OrderedParts } from '../ordered-parts.js';
import { sseEvent } from '../sse-event.js';
import { writeMessageUsage } from './message-usage.js';
import { emptyMessage, messageStopOf } from './write-reply.js';

export class MessagesStreamWriter implements StreamWriter {
  readonly #frame: ReplyFrame;
  readonly #parts = new OrderedParts();
  /** Of the block that is open, or comes next. */
  #index = 0;
  #inText = false;
  #started = false;
  #stop: StopReason = 'end';
  #stopSequence: string | null = null;
  #usage: TokenUsage | null = null;

  constructor(frame: ReplyFrame) {
    this.#frame = frame;
  }

  write(event: ReplyEvent): string {
    const opening = this.#started ? '' : sseEvent({ type: 'message_start', message: emptyMessage(this.#frame) });
    this.#started = true;
    if (event.type === 'usage') {
      this.#usage = event.usage;
      return opening;
    }
    if (event.type === 'end') {
      this.#stop = event.stop;
      this.#stopSequence = event.stopSequence;
    }
    const ordered = event.type === 'end' ? this.#parts.end() : this.#parts.take(event);
    return opening + ordered.map((each) => this.#part(each)).join('');
  }

  /** Counts come last: most providers of the other dialects tell them only then. */
  finish(): string {
    const delta = { stop_reason: messageStopOf(this.#stop), stop_sequence: this.#stopSequence };
    return sseEvent({ type: 'message_delta', delta, usage: writeMessageUsage(this.#usage) }) + sseEvent({ type: 'message_stop' });
  }

  #part(event: OrderedEvent): string {
    const index = this.#index;
    switch (event.type) {
      case 'text': {
        const start = this.#inText ? '' : sseEvent({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });
        this.#inText = true;
        return start + sseEvent({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: event.text } });
      }
      case 'tool-start': {
        const block = { type: 'tool_use', id: event.id, name: event.name, input: {} };
        return sseEvent({ type: 'content_block_start', index, content_block: block });
      }
      case 'tool-arguments': {
        const delta = { type: 'input_json_delta', partial_json: event.fragment };
        return sseEvent({ type: 'content_block_delta', index, delta });
      }
      case 'close':
        this.#index += 1;
        this.#inText = false;
        return sseEvent({ type: 'content_block_stop', index });
    }
  }
}
