// Writes an answer of OpenAI's Chat Completions API: whole, or as its stream of `data:` lines that ends with `[DONE]`
// (https://platform.openai.com/docs/api-reference/chat/streaming).
import { randomBytes } from 'node:crypto';
import type { Asked } from './asked.js';
import type { BilledUsd } from './billed-cost.js';
import type { JsonObject } from './json-object.js';
import { type AnswerBlock, piecesOf, type ScriptedAnswer } from './scripted-answer.js';
import type { AnswerFrame, AnswerOptions } from './spoken-dialect.js';

const createdS = 1_700_000_000;
const newId = (prefix: string): string => `${prefix}${randomBytes(12).toString('hex')}`;

type Call = Extract<AnswerBlock, { kind: 'call' }>;

export function writeChat(asked: Asked, answer: ScriptedAnswer, options: AnswerOptions): JsonObject {
  const calls = callsOf(answer);
  const text = textOf(answer);
  const message = {
    role: 'assistant',
    content: calls.length > 0 ? null : text,
    ...(calls.length > 0 ? { tool_calls: calls.map((call) => wholeCall(call)) } : {}),
  };
  const choices = Array.from({ length: asked.choices }, (_, index) => ({ index, message, finish_reason: finishReason(answer) }));
  const completion = { id: newId('chatcmpl-'), object: 'chat.completion', created: createdS, model: asked.model, choices };
  return options.withoutUsage ? completion : { ...completion, usage: usageOf(answer, options.billed) };
}

export function* chatFrames(asked: Asked, answer: ScriptedAnswer, options: AnswerOptions): Generator<AnswerFrame> {
  const base = { id: newId('chatcmpl-'), object: 'chat.completion.chunk', created: createdS, model: asked.model };
  const chunk = (choices: readonly unknown[], usage: unknown = null): string =>
    `data: ${JSON.stringify(asked.streamsUsage ? { ...base, choices, usage } : { ...base, choices })}\n\n`;
  const delta = (of: JsonObject, finish: string | null = null): string =>
    Array.from({ length: asked.choices }, (_, index) => chunk([{ index, delta: of, finish_reason: finish }])).join('');
  const calls = callsOf(answer);
  yield { text: delta({ role: 'assistant', content: calls.length > 0 ? null : '' }), isPiece: false };
  if (calls.length === 0) for (const piece of piecesOf(textOf(answer))) yield { text: delta({ content: piece }), isPiece: true };
  for (const [index, call] of calls.entries()) {
    const spelt = wholeCall(call, '');
    yield { text: delta({ tool_calls: [{ index, ...spelt }] }), isPiece: false };
    for (const piece of piecesOf(call.input)) {
      const part = call.custom ? { custom: { input: piece } } : { function: { arguments: piece } };
      yield { text: delta({ tool_calls: [{ index, ...part }] }), isPiece: true };
    }
  }
  yield { text: delta({}, finishReason(answer)), isPiece: false };
  if (asked.streamsUsage && !options.withoutUsage) yield { text: chunk([], usageOf(answer, options.billed)), isPiece: false };
  yield { text: 'data: [DONE]\n\n', isPiece: false };
}

export function chatFailure(status: number, message: string): JsonObject {
  const type = status === 429 ? 'requests' : status >= 500 ? 'server_error' : 'invalid_request_error';
  const code = status === 401 ? 'invalid_api_key' : status === 429 ? 'rate_limit_exceeded' : null;
  return { error: { message, type, param: null, code } };
}

export function chatFailureFrame(): string {
  return `data: ${JSON.stringify(chatFailure(500, 'a planned fault'))}\n\n`;
}

function callsOf({ blocks }: ScriptedAnswer): readonly Call[] {
  return blocks.filter((block) => block.kind === 'call');
}

function textOf({ blocks }: ScriptedAnswer): string {
  return blocks.map((block) => (block.kind === 'text' ? block.text : '')).join('');
}

function wholeCall({ name, custom, input }: Call, said = input): JsonObject {
  const id = newId('call_');
  return custom ? { id, type: 'custom', custom: { name, input: said } } : { id, type: 'function', function: { name, arguments: said } };
}

function finishReason({ stop }: ScriptedAnswer): string {
  if (stop === 'length') return 'length';
  return stop === 'tools' ? 'tool_calls' : 'stop';
}

/** Details are left out while they are zero, as many compatible providers leave them out altogether. */
function usageOf({ counts }: ScriptedAnswer, billed: BilledUsd | null): JsonObject {
  const { input, output, cached, reasoning } = counts;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached > 0 ? { prompt_tokens_details: { cached_tokens: cached } } : {}),
    ...(reasoning > 0 ? { completion_tokens_details: { reasoning_tokens: reasoning } } : {}),
    ...(billed === null
      ? {}
      : {
          cost: billed.totalUsd,
          cost_details: { upstream_inference_prompt_cost: billed.inputUsd, upstream_inference_completions_cost: billed.outputUsd },
        }),
  };
}
