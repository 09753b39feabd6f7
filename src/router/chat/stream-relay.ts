// Passes a streamed answer on event by event, at the caller's pace, metering as it goes. Before the first event a failure is
// an ordinary error answer; after it the stream ends with an error event and never with the terminal marker.
import { once } from 'node:events';
import type { Defects } from '../defects.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { readEvents, type ServerSentEvent } from '../server-sent-events.js';
import { type UpstreamAnswer, upstreamFailure } from '../upstream-client.js';
import { readChatChunk } from './chat-chunk.js';
import type { TokenMeter } from './token-meter.js';
import type { UsageNote } from './usage-note.js';

export interface StreamRelayOptions {
  readonly wantsUsage: boolean;
  readonly defects: Defects;
  readonly signal: AbortSignal;
}

export class StreamRelay {
  readonly #exchange: Exchange;
  readonly #meter: TokenMeter;
  readonly #note: UsageNote;
  readonly #options: StreamRelayOptions;
  #contentDeltas = 0;
  #finished = false;
  #ended = false;

  constructor(exchange: Exchange, meter: TokenMeter, note: UsageNote, options: StreamRelayOptions) {
    this.#exchange = exchange;
    this.#meter = meter;
    this.#note = note;
    this.#options = options;
  }

  /** Resolves when the stream has ended for the caller; throws the failure that ended it early. */
  async run(answer: UpstreamAnswer): Promise<void> {
    if (!answer.contentType.startsWith('text/event-stream'))
      throw new GatewayError('upstream-failed', 'the upstream did not answer with a stream');
    try {
      await this.#relay(answer);
    } catch (error) {
      const failure = upstreamFailure(error, this.#options.signal);
      this.#endWithError(failure);
      throw failure;
    }
  }

  async #relay(answer: UpstreamAnswer): Promise<void> {
    for await (const events of readEvents(answer.body)) {
      let text = '';
      for (const event of events) {
        text += this.#pass(event);
        if (this.#ended) break;
      }
      await this.#write(text);
      if (this.#ended) break;
    }
    if (!this.#ended && !this.#finished) throw new GatewayError('upstream-failed', 'the upstream broke the stream off');
    if (!this.#ended) await this.#write('data: [DONE]\n\n');
    this.#exchange.response.end();
  }

  /** The text to write for an event; sets `#ended` after the last one. */
  #pass(event: ServerSentEvent): string {
    if (event.data === null) return `${event.text}\n\n`;
    if (event.data === '[DONE]') {
      this.#ended = true;
      return 'data: [DONE]\n\n';
    }
    const chunk = readChatChunk(event.data, this.#options.wantsUsage);
    const progress = { contentDeltas: this.#contentDeltas, finishing: chunk.finishes };
    if (this.#options.defects.cutsStreamAt(progress)) {
      this.#ended = true;
      return '';
    }
    if (chunk.content !== '') this.#contentDeltas += 1;
    this.#meter.addAnswer(chunk.content);
    this.#meter.report(chunk.usage);
    this.#finished ||= chunk.finishes;
    return chunk.forward === null ? '' : `data: ${chunk.forward}\n\n`;
  }

  async #write(text: string): Promise<void> {
    const { response } = this.#exchange;
    if (text === '' || response.destroyed) return;
    if (!response.headersSent) {
      response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-cache',
        'X-Accel-Buffering': 'no',
      });
      this.#note.firstByte();
    }
    if (!response.write(text)) await once(response, 'drain', { signal: this.#options.signal });
  }

  #endWithError(failure: GatewayError): void {
    const { response, requestId } = this.#exchange;
    if (!response.headersSent || response.destroyed) return;
    response.end(`data: ${JSON.stringify(failure.body(requestId))}\n\n`);
  }
}
