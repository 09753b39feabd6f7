// What the scripted provider must know of a dialect to speak it.
import type { Asked } from './asked.js';
import type { BilledUsd } from './billed-cost.js';
import type { JsonObject } from './json-object.js';
import type { ScriptedAnswer } from './scripted-answer.js';

/** One write to the connection: a whole server-sent event, or several that belong together. */
export interface AnswerFrame {
  readonly text: string;
  /** It carries a piece of the answer itself; faults count these. */
  readonly isPiece: boolean;
}

export interface AnswerOptions {
  readonly withoutUsage: boolean;
  readonly billed: BilledUsd | null;
}

export interface SpokenDialect {
  readonly name: 'openai-chat' | 'openai-responses' | 'anthropic-messages';
  /** @throws UpstreamRefusal */
  read(body: JsonObject): Asked;
  whole(asked: Asked, answer: ScriptedAnswer, options: AnswerOptions): JsonObject;
  frames(asked: Asked, answer: ScriptedAnswer, options: AnswerOptions): Iterable<AnswerFrame>;
  failure(status: number, message: string): JsonObject;
  /** The event that says in mid-stream that the provider failed. @param sent events that were sent before */
  failureFrame(sent: number, terminal: boolean): string;
}
