// Writes an answer of Anthropic's Messages API: whole, or as its stream of named events
// (https://docs.claude.com/en/docs/build-with-claude/streaming).
import { randomBytes } from 'node:crypto';
import type { Asked } from './asked.js';
import type { BilledUsd } from './billed-cost.js';
import type { JsonObject } from './json-object.js';
import { type AnswerBlock, piecesOf, type ScriptedAnswer } from './scripted-answer.js';
import type { AnswerFrame, AnswerOptions } from './spoken-dialect.js';

const newId = (prefix: string): string => `${prefix}${randomBytes(12).toString('hex')}`;
const signature = 'c2lnbmF0dXJl';

export function writeMessages(asked: Asked, answer: ScriptedAnswer, { withoutUsage, billed }: AnswerOptions): JsonObject {
  return {
    ...messageOf(asked),
    content: answer.blocks.map((block) => ({ ...opened(block), ...filled(block) })),
    stop_reason: stopReason(answer),
    stop_sequence: answer.stopSequence,
    ...(withoutUsage ? {} : { usage: { ...inputUsage(answer), output_tokens: answer.counts.output, ...cost(billed) } }),
  };
}

export function* messagesFrames(asked: Asked, answer: ScriptedAnswer, { withoutUsage, billed }: AnswerOptions): Generator<AnswerFrame> {
  const event = (type: string, members: JsonObject, isPiece = false): AnswerFrame => ({
    text: `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`,
    isPiece,
  });
  const start = withoutUsage ? {} : { usage: { ...inputUsage(answer), output_tokens: 1 } };
  yield event('message_start', { message: { ...messageOf(asked), content: [], stop_reason: null, stop_sequence: null, ...start } });
  yield event('ping', {});
  for (const [index, block] of answer.blocks.entries()) {
    yield event('content_block_start', { index, content_block: opened(block) });
    const said = block.kind === 'call' ? block.input : block.text;
    for (const piece of piecesOf(said))
      yield event('content_block_delta', { index, delta: deltaOf(block, piece) }, block.kind !== 'thinking');
    if (block.kind === 'thinking') yield event('content_block_delta', { index, delta: { type: 'signature_delta', signature } });
    yield event('content_block_stop', { index });
  }
  const usage = withoutUsage ? {} : { usage: { output_tokens: answer.counts.output, ...cost(billed) } };
  yield event('message_delta', { delta: { stop_reason: stopReason(answer), stop_sequence: answer.stopSequence }, ...usage });
  yield event('message_stop', {});
}

export function messagesFailure(status: number, message: string): JsonObject {
  const types: Readonly<Record<number, string>> = {
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    504: 'timeout_error',
    529: 'overloaded_error',
  };
  const type = types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { type: 'error', error: { type, message }, request_id: newId('req_') };
}

export function messagesFailureFrame(): string {
  return `event: error\ndata: ${JSON.stringify(messagesFailure(529, 'a planned fault'))}\n\n`;
}

function messageOf({ model }: Asked): JsonObject {
  return { id: newId('msg_'), type: 'message', role: 'assistant', model };
}

function opened(block: AnswerBlock): JsonObject {
  if (block.kind === 'text') return { type: 'text', text: '' };
  if (block.kind === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: newId('toolu_'), name: block.name, input: {} };
}

function filled(block: AnswerBlock): JsonObject {
  if (block.kind === 'text') return { text: block.text };
  return block.kind === 'thinking' ? { thinking: block.text, signature } : { input: inputOf(block.input) };
}

/** Arguments that the cap cut off are no JSON; the API then gives what could be read, which here is nothing. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function deltaOf({ kind }: AnswerBlock, piece: string): JsonObject {
  if (kind === 'text') return { type: 'text_delta', text: piece };
  return kind === 'thinking' ? { type: 'thinking_delta', thinking: piece } : { type: 'input_json_delta', partial_json: piece };
}

function stopReason({ stop }: ScriptedAnswer): string {
  return { end: 'end_turn', length: 'max_tokens', tools: 'tool_use', 'stop-sequence': 'stop_sequence' }[stop];
}

/** Cached tokens are not part of `input_tokens` in this dialect; the three numbers add up to all of the input. */
function inputUsage({ counts }: ScriptedAnswer): JsonObject {
  return { input_tokens: counts.input - counts.cached, cache_creation_input_tokens: 0, cache_read_input_tokens: counts.cached };
}

function cost(billed: BilledUsd | null): JsonObject {
  if (billed === null) return {};
  const { inputUsd, outputUsd, totalUsd } = billed;
  return { cost: totalUsd, cost_details: { upstream_inference_input_cost: inputUsd, upstream_inference_output_cost: outputUsd } };
}
