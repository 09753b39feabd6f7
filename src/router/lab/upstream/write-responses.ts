// Writes an answer of OpenAI's Responses API: whole, or as its stream of typed events with sequence numbers
// (https://platform.openai.com/docs/api-reference/responses-streaming).
import { randomBytes } from 'node:crypto';
import type { Asked } from './asked.js';
import type { BilledUsd } from './billed-cost.js';
import type { JsonObject } from './json-object.js';
import { type AnswerBlock, piecesOf, type ScriptedAnswer } from './scripted-answer.js';
import type { AnswerFrame, AnswerOptions } from './spoken-dialect.js';

const createdS = 1_700_000_000;
const newId = (prefix: string): string => `${prefix}${randomBytes(12).toString('hex')}`;

interface NamedItem {
  readonly block: AnswerBlock;
  readonly id: string;
  readonly callId: string;
}

export function writeResponses(asked: Asked, answer: ScriptedAnswer, options: AnswerOptions): JsonObject {
  const output = named(answer).map((item) => itemOf(item, answer));
  return { ...ended(asked, answer, newId('resp_'), options), output };
}

export function* responsesFrames(asked: Asked, answer: ScriptedAnswer, options: AnswerOptions): Generator<AnswerFrame> {
  const id = newId('resp_');
  let sequence = 0;
  const event = (type: string, members: JsonObject, isPiece = false): AnswerFrame => {
    const data = JSON.stringify({ type, sequence_number: sequence, ...members });
    sequence += 1;
    return { text: `event: ${type}\ndata: ${data}\n\n`, isPiece };
  };
  yield event('response.created', { response: responseOf(asked, id, 'in_progress') });
  yield event('response.in_progress', { response: responseOf(asked, id, 'in_progress') });
  const items = named(answer);
  for (const [index, item] of items.entries()) yield* itemFrames(item, answer, index, event);
  const output = items.map((item) => itemOf(item, answer));
  const last = ended(asked, answer, id, options);
  yield event(answer.stop === 'length' ? 'response.incomplete' : 'response.completed', { response: { ...last, output } });
}

export function responsesFailure(status: number, message: string): JsonObject {
  const type = status === 429 ? 'rate_limit_exceeded' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message, type, param: null, code: status === 401 ? 'invalid_api_key' : null } };
}

/** The API publishes two: `error`, and `response.failed`, which is also the terminal event. */
export function responsesFailureFrame(sent: number, terminal: boolean): string {
  const failure = { code: 'server_error', message: 'a planned fault' };
  const data = terminal
    ? {
        type: 'response.failed',
        sequence_number: sent,
        response: { id: newId('resp_'), object: 'response', created_at: createdS, status: 'failed', error: failure, output: [] },
      }
    : { type: 'error', sequence_number: sent, ...failure, param: null };
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

type MakeEvent = (type: string, members: JsonObject, isPiece?: boolean) => AnswerFrame;

function* itemFrames(item: NamedItem, answer: ScriptedAnswer, index: number, event: MakeEvent): Generator<AnswerFrame> {
  const { block, id } = item;
  const at = { item_id: id, output_index: index };
  const done = itemOf(item, answer);
  if (block.kind === 'text') {
    yield event('response.output_item.added', { output_index: index, item: { ...done, status: 'in_progress', content: [] } });
    yield event('response.content_part.added', { ...at, content_index: 0, part: textPart('') });
    for (const delta of piecesOf(block.text))
      yield event('response.output_text.delta', { ...at, content_index: 0, delta, logprobs: [] }, true);
    yield event('response.output_text.done', { ...at, content_index: 0, text: block.text, logprobs: [] });
    yield event('response.content_part.done', { ...at, content_index: 0, part: textPart(block.text) });
  } else if (block.kind === 'thinking') {
    const part = { ...at, summary_index: 0 };
    yield event('response.output_item.added', { output_index: index, item: { ...done, summary: [] } });
    yield event('response.reasoning_summary_part.added', { ...part, part: { type: 'summary_text', text: '' } });
    for (const delta of piecesOf(block.text)) yield event('response.reasoning_summary_text.delta', { ...part, delta });
    yield event('response.reasoning_summary_text.done', { ...part, text: block.text });
    yield event('response.reasoning_summary_part.done', { ...part, part: { type: 'summary_text', text: block.text } });
  } else {
    const stem = block.custom ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
    const field = block.custom ? 'input' : 'arguments';
    yield event('response.output_item.added', { output_index: index, item: { ...done, status: 'in_progress', [field]: '' } });
    for (const delta of piecesOf(block.input)) yield event(`${stem}.delta`, { ...at, delta }, true);
    yield event(`${stem}.done`, { ...at, ...(block.custom ? {} : { name: block.name }), [field]: block.input });
  }
  yield event('response.output_item.done', { output_index: index, item: done });
}

function named({ blocks }: ScriptedAnswer): readonly NamedItem[] {
  const prefixes = { text: 'msg_', thinking: 'rs_', call: 'fc_' } as const;
  return blocks.map((block) => ({
    block,
    id: newId(block.kind === 'call' && block.custom ? 'ctc_' : prefixes[block.kind]),
    callId: newId('call_'),
  }));
}

function itemOf({ block, id, callId }: NamedItem, { stop, blocks }: ScriptedAnswer): JsonObject {
  const status = stop === 'length' && block === blocks.at(-1) ? 'incomplete' : 'completed';
  if (block.kind === 'text') return { id, type: 'message', status, role: 'assistant', content: [textPart(block.text)] };
  if (block.kind === 'thinking') return { id, type: 'reasoning', summary: [{ type: 'summary_text', text: block.text }] };
  const space = block.namespace === null ? {} : { namespace: block.namespace };
  return block.custom
    ? { id, type: 'custom_tool_call', status, call_id: callId, name: block.name, ...space, input: block.input }
    : { id, type: 'function_call', status, call_id: callId, name: block.name, ...space, arguments: block.input };
}

function textPart(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function responseOf(asked: Asked, id: string, status: string): JsonObject {
  return {
    id,
    object: 'response',
    created_at: createdS,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: asked.cap,
    metadata: {},
    model: asked.model,
    output: [],
    parallel_tool_calls: asked.parallel,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
  };
}

function ended(asked: Asked, answer: ScriptedAnswer, id: string, { withoutUsage, billed }: AnswerOptions): JsonObject {
  const short = answer.stop === 'length';
  return {
    ...responseOf(asked, id, short ? 'incomplete' : 'completed'),
    incomplete_details: short ? { reason: 'max_output_tokens' } : null,
    usage: withoutUsage ? null : usageOf(answer, billed),
  };
}

function usageOf({ counts }: ScriptedAnswer, billed: BilledUsd | null): JsonObject {
  const { input, output, cached, reasoning } = counts;
  const costs =
    billed === null
      ? {}
      : {
          cost: billed.totalUsd,
          cost_details: { upstream_inference_input_cost: billed.inputUsd, upstream_inference_output_cost: billed.outputUsd },
        };
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
    ...costs,
  };
}
