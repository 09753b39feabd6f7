// Passes a streamed answer on event by event, at the caller's pace, metering as it goes. Before the first event a failure is
// an ordinary error answer; after it the stream ends with the dialect's error event and never with its terminal one.
import { once } from 'node:events';
import type { ReplyEvent } from '../dialects/conversation.js';
import type { StreamReader, StreamWriter } from '../dialects/dialect.js';
import { GatewayError } from '../gateway-error.js';
import { answerTooLarge, maxAnswerBytes } from '../upstream/largest-answer.js';
import { readEvents, type ServerSentEvent } from '../upstream/server-sent-events.js';
import { type StreamedAnswer, upstreamFailure } from '../upstream/upstream-client.js';
import { noStream } from './no-stream.js';
import type { Relay } from './relay.js';
import type { RequestRecord } from './request-record.js';

export class StreamRelay {
  readonly #record: RequestRecord;
  readonly #relay: Relay;
  readonly #onFirstByte: () => void;
  readonly #reader: StreamReader;
  /** Null when the caller speaks the target's dialect. */
  readonly #writer: StreamWriter | null;
  #contentDeltas = 0;
  #heldBytes = 0;
  #begun = false;
  #answered = false;
  #cut = false;

  constructor(record: RequestRecord, relay: Relay, onFirstByte: () => void) {
    this.#record = record;
    this.#relay = relay;
    this.#onFirstByte = onFirstByte;
    this.#reader = relay.spoken.streamReader(relay.ask);
    this.#writer = relay.spoken === relay.dialect ? null : relay.dialect.streamWriter(relay.frame);
  }

  /** Resolves when the stream has ended for the caller; throws the failure that ended it early. */
  async run(answer: StreamedAnswer): Promise<null> {
    if (!answer.contentType.startsWith('text/event-stream')) throw await noStream(answer);
    try {
      await this.#pass(answer);
    } catch (error) {
      const failure = upstreamFailure(error, this.#relay.early);
      this.#endWithError(failure);
      throw failure;
    }
    return null;
  }

  async #pass(answer: StreamedAnswer): Promise<void> {
    for await (const events of readEvents(answer.body)) {
      let text = '';
      try {
        for (const event of events) {
          this.#relay.row.response_bytes += event.text.length;
          text += this.#take(event);
          if (this.#cut || this.#reader.ended) break;
        }
      } catch (error) {
        // What came before it belongs to the caller; unless nothing was sent, when another target may still do better.
        if (this.#record.exchange.response.headersSent) await this.#write(text);
        throw error;
      }
      await this.#write(text);
      if (this.#cut || this.#reader.ended) break;
    }
    if (!this.#cut) await this.#write(this.#lastText());
    this.#record.exchange.response.end();
  }

  /** The text that an event of the target becomes for the caller. */
  #take(event: ServerSentEvent): string {
    const { events, forward } = this.#reader.read(event);
    // Of thoughts a caller of another dialect hears nothing; its target is answering all the same.
    if (!this.#begun && forward !== null) {
      this.#begun = true;
      this.#relay.answered();
    }
    const { inputTokens = null } = this.#reader;
    if (inputTokens !== null) this.#record.meter?.reportInput(inputTokens);
    for (const each of events) {
      if (this.#relay.defects.cutsStreamAt({ contentDeltas: this.#contentDeltas, finishing: each.type === 'end' })) {
        this.#cut = true;
        return '';
      }
      this.#meter(each);
    }
    if (this.#writer === null) return forward ?? '';
    let text = '';
    for (const each of events) {
      this.#bound(each);
      text += this.#writer.write(each);
    }
    return text;
  }

  /** Writers hold what they may have to repeat or to put in order. */
  #bound(event: ReplyEvent): void {
    if (event.type === 'text') this.#heldBytes += Buffer.byteLength(event.text);
    else if (event.type === 'tool-start') this.#heldBytes += Buffer.byteLength(event.id + event.name);
    else if (event.type === 'tool-arguments') this.#heldBytes += Buffer.byteLength(event.fragment);
    if (this.#heldBytes > maxAnswerBytes) throw answerTooLarge();
  }

  #meter(event: ReplyEvent): void {
    const { meter } = this.#record;
    if (event.type === 'text') {
      if (event.text !== '') this.#contentDeltas += 1;
      meter?.addAnswer(event.text);
    } else if (event.type === 'tool-start') meter?.addAnswer(event.name);
    else if (event.type === 'tool-arguments') meter?.addAnswer(event.fragment);
    else if (event.type === 'usage') meter?.report(event.usage);
    else this.#answered = true;
  }

  #lastText(): string {
    const brokenOff = (): GatewayError =>
      new GatewayError('upstream-failed', 'the upstream broke the stream off', { errorClass: 'upstream_stream_cut', retryable: true });
    if (this.#writer === null) {
      if (this.#reader.ended) return '';
      const closing = this.#reader.closing();
      if (closing === null) throw brokenOff();
      return closing;
    }
    if (!this.#reader.ended && (!this.#answered || this.#reader.closing() === null)) throw brokenOff();
    return this.#writer.finish();
  }

  async #write(text: string): Promise<void> {
    const { response } = this.#record.exchange;
    if (text === '' || response.destroyed) return;
    if (!response.headersSent) {
      this.#onFirstByte();
      this.#record.exchange.head(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-cache',
        'X-Accel-Buffering': 'no',
      });
      this.#record.firstByte();
    }
    if (!response.write(text)) await once(response, 'drain', { signal: this.#relay.early.signal });
  }

  #endWithError(failure: GatewayError): void {
    const { response, requestId } = this.#record.exchange;
    if (!response.headersSent || response.destroyed) return;
    // Behind what the caller does not take, no last event would reach it; the connection without its end says enough.
    if (failure.code === 'client-canceled') response.destroy();
    else response.end(this.#relay.dialect.errorEvent(failure, requestId, (this.#writer ?? this.#reader).told));
  }
}
