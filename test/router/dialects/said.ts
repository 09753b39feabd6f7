// What a model says, written as a provider of each dialect sends it, plain and streamed. Sources: the event sequences of the OpenAI API
// reference, "Chat Completions: Streaming" and "Responses: Streaming events", and of the Anthropic API reference, "Streaming messages".
import type { DialectName } from './dialect-router.js';
import { named, type ToldAnswer } from './told-upstream.js';

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

export type Stop = 'end' | 'length' | 'tool-calls' | 'content-filter' | 'stop-sequence';

export interface Said {
  readonly text: string;
  readonly calls: readonly Call[];
  readonly stop: Stop;
  readonly stopSequence?: string;
  readonly input: number;
  readonly output: number;
}

export function answerOf(target: DialectName, said: Said, stream: boolean): ToldAnswer {
  const write = { 'openai-chat': chat, 'openai-responses': responses, 'anthropic-messages': messages }[target];
  return { body: write(said, stream) };
}

const halves = (text: string): string[] => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)].filter((half) => half !== '');

function chat({ text, calls, stop, input, output }: Said, stream: boolean): string | string[] {
  const reasons = {
    end: 'stop',
    'stop-sequence': 'stop',
    length: 'length',
    'tool-calls': 'tool_calls',
    'content-filter': 'content_filter',
  };
  const finish_reason = reasons[stop];
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  const called = calls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  const head = { id: 'chatcmpl-1', created: 1, model: 'provider-model' };
  if (!stream) {
    const message = { role: 'assistant', content: text === '' ? null : text, ...(calls.length > 0 ? { tool_calls: called } : {}) };
    return JSON.stringify({ ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage });
  }
  const chunk = (delta: object, finish: string | null = null) => ({ choices: [{ index: 0, delta, finish_reason: finish }], usage: null });
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    ...halves(text).map((content) => chunk({ content })),
    ...called.flatMap(({ id, type, function: { name, arguments: json } }, index) => [
      chunk({ tool_calls: [{ index, id, type, function: { name, arguments: '' } }] }),
      ...halves(json).map((fragment) => chunk({ tool_calls: [{ index, function: { arguments: fragment } }] })),
    ]),
    chunk({}, finish_reason),
    { choices: [], usage },
  ];
  return [
    ...chunks.map((each) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...each })}\n\n`),
    'data: [DONE]\n\n',
  ];
}

function responses({ text, calls, stop, input, output }: Said, stream: boolean): string | string[] {
  const reasons: Partial<Record<Stop, string>> = { length: 'max_output_tokens', 'content-filter': 'content_filter' };
  const reason = reasons[stop];
  const usage = {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }],
  };
  const items = [
    ...(text === '' ? [] : [message]),
    ...calls.map(({ id, name, arguments: json }, index) => ({
      id: `fc_${index}`,
      type: 'function_call',
      call_id: id,
      name,
      arguments: JSON.stringify(json),
      status: 'completed',
    })),
  ];
  const head = { id: 'resp_1', object: 'response', created_at: 1, model: 'provider-model', error: null, incomplete_details: null };
  const begun = { ...head, status: 'in_progress', output: [], usage: null };
  const status = reason === undefined ? 'completed' : 'incomplete';
  const whole = { ...head, status, output: items, usage, ...(reason === undefined ? {} : { incomplete_details: { reason } }) };
  if (!stream) return JSON.stringify(whole);
  const itemEvents = items.flatMap((item, output_index) => {
    const place = { item_id: item.id, output_index };
    const empty = 'content' in item ? { ...item, content: [] } : { ...item, arguments: '' };
    const inner = 'content' in item ? wordEvents(text, place) : argumentEvents(item.arguments, place);
    return [
      { type: 'response.output_item.added', output_index, item: { ...empty, status: 'in_progress' } },
      ...inner,
      { type: 'response.output_item.done', output_index, item },
    ];
  });
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...itemEvents,
    { type: `response.${status}`, response: whole },
  ];
  return named(events.map((event, sequence_number) => ({ ...event, sequence_number })));
}

type Place = Record<string, unknown>;

function wordEvents(text: string, place: Place) {
  const at = { ...place, content_index: 0 };
  const part = (written: string) => ({ type: 'output_text', text: written, annotations: [] });
  return [
    { type: 'response.content_part.added', ...at, part: part('') },
    ...halves(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
    { type: 'response.output_text.done', ...at, text },
    { type: 'response.content_part.done', ...at, part: part(text) },
  ];
}

function argumentEvents(json: string, place: Place) {
  return [
    ...halves(json).map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta })),
    { type: 'response.function_call_arguments.done', ...place, arguments: json },
  ];
}

function messages({ text, calls, stop, stopSequence, input, output }: Said, stream: boolean): string | string[] {
  const reasons = {
    end: 'end_turn',
    length: 'max_tokens',
    'tool-calls': 'tool_use',
    'stop-sequence': 'stop_sequence',
    'content-filter': 'refusal',
  };
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'provider-model' };
  const ended = { stop_reason: reasons[stop], stop_sequence: stopSequence ?? null };
  // Part of the input came from the provider's cache; it is input all the same.
  const usage = { input_tokens: input - 3, cache_read_input_tokens: 2, cache_creation_input_tokens: 1, output_tokens: output };
  const blocks = [
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...calls.map(({ id, name, arguments: json }) => ({ type: 'tool_use', id, name, input: json })),
  ];
  if (!stream) return JSON.stringify({ ...head, content: blocks, ...ended, usage });
  const blockEvents = blocks.flatMap((block, index) => {
    const empty = 'input' in block ? { ...block, input: {} } : { type: 'text', text: '' };
    const deltas =
      'input' in block
        ? halves(JSON.stringify(block.input)).map((partial_json) => ({ type: 'input_json_delta', partial_json }))
        : halves(text).map((piece) => ({ type: 'text_delta', text: piece }));
    return [
      { type: 'content_block_start', index, content_block: empty },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
  });
  const empty = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } };
  return named([
    { type: 'message_start', message: empty },
    { type: 'ping' },
    ...blockEvents,
    { type: 'message_delta', delta: ended, usage: { output_tokens: output } },
    { type: 'message_stop' },
  ]);
}
