// What a caller asks and what a model answers, free of any API's spelling. Each dialect is read into these types and written
// from them, so that three dialects need three readers and three writers instead of nine translations.
import type { JsonObject } from '../http/read-body.js';

export const dialectNames = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;
export type DialectName = (typeof dialectNames)[number];

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
}

/** An image that travels in the request. */
export interface ImagePart {
  readonly kind: 'image';
  readonly mediaType: string;
  readonly base64: string;
  /** How closely the model should look, in the words of the OpenAI dialects; null when the caller did not say. */
  readonly detail: string | null;
}

/** An image that the provider is asked to fetch; refused unless the config allows it. */
export interface RemoteImagePart {
  readonly kind: 'remote-image';
  readonly url: string;
  readonly detail: string | null;
}

export type ContentPart = TextPart | ImagePart | RemoteImagePart;

export interface ToolCallPart {
  readonly kind: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it; it need not be valid. */
  readonly arguments: string;
}

export interface ToolResultPart {
  readonly kind: 'tool-result';
  readonly callId: string;
  readonly content: readonly ContentPart[];
  readonly failed: boolean;
}

export type Part = ContentPart | ToolCallPart | ToolResultPart;

export interface Turn {
  /** `system` is also what a dialect calls developer. */
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly Part[];
}

export interface Tool {
  /** What other dialects know it by, and what calls of it are named in a conversation. */
  readonly name: string;
  readonly description: string | null;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
  /** The arguments must match the schema exactly. */
  readonly strict: boolean;
  /** How the caller's dialect spelt the tool, when a call of it must be spelt that way too; null for a plain function. */
  readonly origin: ToolOrigin | null;
}

/** A tool that is offered to other dialects as a plain function under one name, and whose calls are spelt back. */
export interface ToolOrigin {
  readonly type: 'function' | 'custom' | 'tool_search';
  readonly name: string;
  readonly namespace: string | null;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export interface Ask {
  readonly dialect: DialectName;
  /** The body as it came, for a target that speaks the same dialect. */
  readonly body: JsonObject;
  readonly model: string;
  readonly stream: boolean;
  /** The caller wants the token counts in the stream, where its dialect lets it choose. */
  readonly wantsStreamUsage: boolean;
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** Null when the caller did not say. */
  readonly parallelTools: boolean | null;
  /** How many answers are wanted; each may be as long as the cap. */
  readonly answers: number;
  /** The cap on output tokens; null when the caller set none. */
  readonly maxTokens: number | null;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly stop: readonly string[];
  /** A JSON Schema that the answer must have, or any JSON object; null for free text. */
  readonly outputFormat: OutputFormat | null;
  /**
   * Members that only a target of the same dialect can honour and whose loss would change the answer: each is a requirement,
   * spelt `<dialect>:<member>`, for example `openai-chat:logprobs`.
   */
  readonly nativeOnly: readonly string[];
  /** Among them is an image that the provider keeps, named by its id. */
  readonly keptImage: boolean;
  /** Tools that the provider itself runs or defines, by type; offered to targets of the same dialect only. */
  readonly hostedTools: readonly string[];
  /** Members that are left out in a translation without changing what the answer must be; told in a response header. */
  readonly advisory: readonly string[];
}

export interface OutputFormat {
  readonly name: string;
  /** Null for any JSON object. */
  readonly schema: JsonObject | null;
  readonly strict: boolean;
}

export type StopReason = 'end' | 'length' | 'tool-calls' | 'stop-sequence' | 'content-filter';

/** Token counts as a provider reported them. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
  /** Of the output; 0 when the provider does not tell. */
  readonly reasoning: number;
  /** Of the input, read from the provider's cache; 0 when it does not tell. */
  readonly cached: number;
  /** US dollars that the provider says it bills; null when it does not tell. */
  readonly billed: BilledCost | null;
}

export interface BilledCost {
  readonly inputUsd: number | null;
  readonly outputUsd: number | null;
  readonly totalUsd: number;
}

export interface Reply {
  readonly parts: readonly (TextPart | ToolCallPart)[];
  readonly stop: StopReason;
  readonly stopSequence: string | null;
  readonly usage: TokenUsage | null;
}

/** A streamed answer in order: parts open and close one after another, `end` comes once, `usage` at any time. */
export type ReplyEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-start'; readonly id: string; readonly name: string }
  /** A piece of the arguments of the call opened last, or of the one with `id` when a provider interleaves calls. */
  | { readonly type: 'tool-arguments'; readonly id: string; readonly fragment: string }
  | { readonly type: 'end'; readonly stop: StopReason; readonly stopSequence: string | null }
  | { readonly type: 'usage'; readonly usage: TokenUsage };
