// Reads a provider's streamed chat completion, chunk by chunk.
import { randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { ServerSentEvent } from '../../upstream/server-sent-events.js';
import type { ReplyEvent } from '../conversation.js';
import type { StreamReader } from '../dialect.js';
import { eventObject, failureOf, statedFailure, unreadable } from '../provider-failure.js';
import { chatTextOf, chatUsageOf, stopReasonOf } from './read-reply.js';

const terminal = 'data: [DONE]\n\n';

export class ChatStreamReader implements StreamReader {
  readonly #wantsUsage: boolean;
  /** Ids of the tool calls by choice and index in the stream. */
  readonly #calls = new Map<string, string>();
  /** Choices that began and did not end. */
  readonly #open = new Set<unknown>();
  #begun = false;
  #refused = false;
  #finished = false;
  #ended = false;

  constructor(wantsUsage: boolean) {
    this.#wantsUsage = wantsUsage;
  }

  get ended(): boolean {
    return this.#ended;
  }

  closing(): string | null {
    return this.#whole ? terminal : null;
  }

  get #whole(): boolean {
    return this.#finished && this.#open.size === 0;
  }

  read({ text, data }: ServerSentEvent): { readonly events: readonly ReplyEvent[]; readonly forward: string | null } {
    // A comment before the answer says nothing yet; passing it on would rule out another target.
    if (data === null) return { events: [], forward: this.#begun ? `${text}\n\n` : null };
    if (data === '[DONE]') {
      if (!this.#whole) throw unreadable('ended the stream before its answer');
      this.#ended = true;
      return { events: [], forward: terminal };
    }
    const chunk = eventObject(data);
    const choices = chunk['choices'];
    if ((chunk['error'] ?? null) !== null) throw failureOf(chunk['error']);
    if (!Array.isArray(choices)) throw unreadable('sent something unreadable in the stream');
    this.#begun = true;
    const events: ReplyEvent[] = [];
    for (const choice of choices) if (isJsonObject(choice)) this.#readChoice(choice, events);
    const usage = chatUsageOf(chunk['usage']);
    if (usage !== null) events.push({ type: 'usage', usage });
    return { events, forward: this.#forward(data, chunk, choices.length) };
  }

  /** Usage that only we asked for stays here. */
  #forward(data: string, chunk: JsonObject, choices: number): string | null {
    if (this.#wantsUsage || !('usage' in chunk)) return `data: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
    if (choices === 0) return null;
    const { usage: _, ...rest } = chunk;
    return `data: ${JSON.stringify(rest)}\n\n`;
  }

  #readChoice(choice: JsonObject, events: ReplyEvent[]): void {
    const { index = 0, delta, finish_reason: finish } = choice;
    const failure = statedFailure(choice);
    if (failure !== null) throw failure;
    this.#open.add(index);
    if (isJsonObject(delta)) {
      this.#refused ||= typeof delta['refusal'] === 'string' && delta['refusal'] !== '';
      for (const said of [delta['content'], delta['refusal']]) {
        const text = chatTextOf(said);
        if (text === null) throw unreadable('sent something unreadable in the stream');
        if (text !== '') events.push({ type: 'text', text });
      }
      const calls = Array.isArray(delta['tool_calls']) ? delta['tool_calls'] : [];
      for (const call of calls) if (isJsonObject(call)) this.#readCall(String(index), call, events);
    }
    if (typeof finish !== 'string') return;
    this.#open.delete(index);
    const first = !this.#finished;
    this.#finished = true;
    const stop = this.#refused ? 'content-filter' : stopReasonOf(finish, this.#calls.size > 0);
    if (first) events.push({ type: 'end', stop, stopSequence: null });
  }

  /** A call is known by its index; some providers send no index or no id, so a new id or name also begins a call. */
  #readCall(choice: string, call: JsonObject, events: ReplyEvent[]): void {
    const key = `${choice} ${typeof call['index'] === 'number' ? call['index'] : 0}`;
    const run = isJsonObject(call['function']) ? call['function'] : isJsonObject(call['custom']) ? call['custom'] : {};
    const { name } = run;
    const given = typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : null;
    let id = this.#calls.get(key);
    if (id === undefined ? given !== null || typeof name === 'string' : given !== null && given !== id) {
      id = given ?? `call_${randomBytes(12).toString('hex')}`;
      this.#calls.set(key, id);
      events.push({ type: 'tool-start', id, name: typeof name === 'string' ? name : '' });
    }
    const fragment = run['arguments'] ?? run['input'];
    if (id !== undefined && typeof fragment === 'string' && fragment !== '') events.push({ type: 'tool-arguments', id, fragment });
  }
}
