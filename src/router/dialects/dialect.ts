// What each of the three API dialects must be able to do; one folder per dialect holds the answers.
import type { GatewayError } from '../gateway-error.js';
import type { JsonObject } from '../http/read-body.js';
import type { ServerSentEvent } from '../upstream/server-sent-events.js';
import type { Ask, DialectName, Reply, ReplyEvent, Tool } from './conversation.js';

/** The few facts about a target that change how a request is written for it. */
export interface WrittenFor {
  /** The provider's own name of the model. */
  readonly model: string;
  /** Where a chat provider wants the cap: `max_tokens` or `max_completion_tokens`. */
  readonly outputTokenField: 'max_tokens' | 'max_completion_tokens';
  /** Taken as the cap by a dialect that demands one, when the caller set none. */
  readonly maxOutputTokens: number;
  /** Tools that a provider would run are left out instead of being asked for. */
  readonly omitHostedTools: boolean;
}

/** What frames an answer for the caller. */
export interface ReplyFrame {
  /** `req_…`; dialects make their own ids from it. */
  readonly requestId: string;
  /** The model group as the caller named it. */
  readonly model: string;
  /** Seconds since the epoch. */
  readonly createdS: number;
  readonly ask: Ask;
}

/** What a dialect cannot say of an ask that came in another one. */
export interface Unsaid {
  /** Members whose loss would change the answer, spelt `<dialect of the ask>:<member>`: another target must be asked. */
  readonly needs: readonly string[];
  /** Members that are left out, and told in a response header. */
  readonly hints: readonly string[];
}

/** What a caller heard of a streamed answer, for a dialect that numbers its events. */
export interface ToldSoFar {
  /** Null before the answer named itself. */
  readonly responseId: string | null;
  /** The number of the next event. */
  readonly sequence: number;
}

/** Reads a provider's stream; one object per answer. */
export interface StreamReader {
  /**
   * What an event says, and the text that passes it on to a caller of the same dialect (null when it was only asked for by us).
   * @throws GatewayError `upstream-failed` for what is no event of this dialect, or the provider's own error event.
   */
  read(event: ServerSentEvent): { readonly events: readonly ReplyEvent[]; readonly forward: string | null };
  /** The dialect's terminal event was read: nothing may follow. */
  readonly ended: boolean;
  /** In a dialect that numbers its events. */
  readonly told?: ToldSoFar;
  /** In a dialect that counts the input before the answer: how much it is, null while nobody said. */
  readonly inputTokens?: number | null;
  /**
   * The text that ends the stream for a caller of the same dialect when the provider closed without its terminal event but
   * with a finished answer; null when the answer was cut off.
   */
  closing(): string | null;
}

/** Writes a stream for a caller; one object per answer. Texts are whole server-sent events. */
export interface StreamWriter {
  /** In a dialect that numbers its events. */
  readonly told?: ToldSoFar;
  write(event: ReplyEvent): string;
  /** The last events, after `end` was written. */
  finish(): string;
}

export interface Dialect {
  readonly name: DialectName;
  /** Where a provider of this dialect answers, below its `base_url`. */
  readonly path: string;
  /** A header that clients of the dialect read the request id from, beside `X-Request-Id`; null when that is the one. */
  readonly requestIdHeader: string | null;
  /** @throws GatewayError `invalid-request` or `missing-model`, naming the member that is wrong, never its value. */
  readAsk(body: JsonObject): Ask;
  /** Asked for asks of other dialects only. */
  unsaid(ask: Ask): Unsaid;
  /** The body for a target of this dialect: the caller's own with few changes when it speaks it too, else written anew. */
  writeAsk(ask: Ask, target: WrittenFor): JsonObject;
  /** @throws GatewayError `upstream-failed` for what is no answer of this dialect. */
  readReply(body: unknown): Reply;
  writeReply(reply: Reply, frame: ReplyFrame): JsonObject;
  streamReader(ask: Ask): StreamReader;
  streamWriter(frame: ReplyFrame): StreamWriter;
  /** A refusal as this dialect's own error body. */
  errorBody(error: GatewayError, requestId: string): JsonObject;
  /** The event that ends a stream early, as a whole server-sent event. */
  errorEvent(error: GatewayError, requestId: string, told?: ToldSoFar): string;
}

/** Names under which tools travel to a target of another dialect, and back. */
export function toolNamed(tools: readonly Tool[], name: string): Tool | null {
  return tools.find((tool) => tool.name === name) ?? null;
}
