// What a client of each dialect makes of an answer, plain or streamed, read the way the published references tell it to. Strict where
// clients are: order of events, one end, one terminal event.
import { expect } from 'vitest';
import type { DialectName } from './dialect-router.js';
import type { Call, Said, Stop } from './said.js';

type Json = Record<string, unknown>;

interface Event {
  readonly event: string | null;
  readonly data: string;
}

export function eventsIn(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((each) => each !== '')
    .map((each) => {
      const lines = each.split('\n');
      const of = (name: string): string | null => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
      return { event: of('event'), data: of('data') ?? '' };
    });
}

export async function heardBy(caller: DialectName, response: Response, stream: boolean): Promise<Said> {
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(response.headers.get('content-type')).toMatch(stream ? /^text\/event-stream/ : /^application\/json/);
  if (caller === 'openai-chat') return stream ? chatStream(text) : chatWhole(JSON.parse(text) as never);
  if (caller === 'openai-responses') return responsesWhole(stream ? responsesStream(text) : (JSON.parse(text) as never));
  return messagesWhole(stream ? messagesStream(text) : (JSON.parse(text) as never));
}

const chatStops: Record<string, Stop> = { stop: 'end', length: 'length', tool_calls: 'tool-calls', content_filter: 'content-filter' };

interface ChatWhole {
  readonly object: string;
  readonly choices: readonly [
    {
      message: { content: string | null; tool_calls?: { id: string; function: { name: string; arguments: string } }[] };
      finish_reason: string;
    },
  ];
  readonly usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

function chatWhole({ object, choices: [{ message, finish_reason }], usage }: ChatWhole): Said {
  expect(object).toBe('chat.completion');
  expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
  const calls = (message.tool_calls ?? []).map(({ id, function: run }) => ({
    id,
    name: run.name,
    arguments: JSON.parse(run.arguments) as Json,
  }));
  const stop = chatStops[finish_reason] ?? 'end';
  return { text: message.content ?? '', calls, stop, input: usage.prompt_tokens, output: usage.completion_tokens };
}

function chatStream(text: string): Said {
  const events = eventsIn(text);
  expect(events.at(-1)?.data).toBe('[DONE]');
  let content = '';
  let finish: string | null = null;
  let usage: ChatWhole['usage'] | null = null;
  const calls: { id: string; function: { name: string; arguments: string } }[] = [];
  for (const { data, event } of events.slice(0, -1)) {
    expect(event).toBeNull();
    const chunk = JSON.parse(data) as { object: string; choices: Json[]; usage?: ChatWhole['usage'] | null };
    expect(chunk.object).toBe('chat.completion.chunk');
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices as unknown as { delta: { content?: string; tool_calls?: Json[] }; finish_reason: string | null }[]) {
      expect(finish, 'nothing may follow the finish reason').toBeNull();
      content += choice.delta.content ?? '';
      for (const call of (choice.delta.tool_calls ?? []) as unknown as {
        index: number;
        id?: string;
        function: { name: string; arguments: string };
      }[]) {
        if (typeof call.id === 'string') calls[call.index] = { id: call.id, function: { name: call.function.name, arguments: '' } };
        const known = calls[call.index];
        if (known !== undefined) known.function.arguments += call.function.arguments;
      }
      finish = choice.finish_reason;
    }
  }
  const message = { content, tool_calls: calls };
  return chatWhole({
    object: 'chat.completion',
    choices: [{ message, finish_reason: finish ?? 'none' }],
    usage: usage as ChatWhole['usage'],
  });
}

interface ResponsesWhole {
  readonly object: string;
  readonly status: string;
  readonly incomplete_details: { reason: string } | null;
  readonly output: { type: string; content: { text: string }[]; call_id: string; name: string; arguments: string }[];
  readonly usage: { input_tokens: number; output_tokens: number; total_tokens: number };
}

function responsesWhole({ object, status, incomplete_details, output, usage }: ResponsesWhole): Said {
  expect(object).toBe('response');
  expect(usage.total_tokens).toBe(usage.input_tokens + usage.output_tokens);
  const calls: Call[] = [];
  let text = '';
  for (const item of output) {
    if (item.type === 'message') text += item.content.map((part) => part.text).join('');
    else calls.push({ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) as Json });
  }
  const cut: Stop = incomplete_details?.reason === 'content_filter' ? 'content-filter' : 'length';
  const stop = status === 'incomplete' ? cut : calls.length > 0 ? 'tool-calls' : 'end';
  return { text, calls, stop, input: usage.input_tokens, output: usage.output_tokens };
}

/** Builds the answer from the items that were closed, as agents do, and checks it against the deltas and the terminal event. */
function responsesStream(text: string): ResponsesWhole {
  const events = eventsIn(text).map(({ event, data }) => {
    const value = JSON.parse(data) as Json & {
      type: string;
      item?: Json;
      delta?: string;
      output_index?: number;
      response?: ResponsesWhole;
    };
    expect(event).toBe(value.type);
    return value;
  });
  for (const [index, { type, item, sequence_number: number = index }] of events.entries()) {
    expect(number).toBe(index);
    if (type === 'response.output_item.added' && item?.['type'] === 'message') expect(item['content']).toEqual([]);
  }
  expect(events[0]?.type).toBe('response.created');
  const last = events.at(-1);
  expect(last?.type).toMatch(/^response\.(completed|incomplete)$/);
  const deltas = new Map<unknown, string>();
  const done: Json[] = [];
  for (const { type, item, delta, output_index: index } of events) {
    if (type.endsWith('.delta')) deltas.set(index, (deltas.get(index) ?? '') + (delta ?? ''));
    if (type !== 'response.output_item.done') continue;
    const whole = item as unknown as ResponsesWhole['output'][number];
    expect(whole.type === 'message' ? whole.content[0]?.text : whole.arguments).toBe(deltas.get(index));
    done.push(item as Json);
  }
  const { response } = last as { response: ResponsesWhole };
  expect(response.output).toEqual(done);
  return response;
}

interface MessagesWhole {
  readonly type: string;
  readonly role: string;
  content: { type: string; text: string; id: string; name: string; input: Json }[];
  stop_reason: string | null;
  stop_sequence: string | null;
  usage: { input_tokens: number; output_tokens: number; cache_read_input_tokens?: number; cache_creation_input_tokens?: number };
}

const messageStops: Record<string, Stop> = {
  end_turn: 'end',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  stop_sequence: 'stop-sequence',
  refusal: 'content-filter',
};

function messagesWhole({ type, role, content, stop_reason, stop_sequence, usage }: MessagesWhole): Said {
  expect([type, role]).toEqual(['message', 'assistant']);
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const calls = content.filter((block) => block.type === 'tool_use').map(({ id, name, input }) => ({ id, name, arguments: input }));
  const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  const said = {
    text,
    calls,
    stop: messageStops[stop_reason ?? ''] ?? 'end',
    input: usage.input_tokens + cached,
    output: usage.output_tokens,
  };
  return stop_sequence === null || stop_sequence === undefined ? said : { ...said, stopSequence: stop_sequence };
}

function messagesStream(text: string): MessagesWhole {
  const events = eventsIn(text).map(({ event, data }) => {
    const value = JSON.parse(data) as Json & { type: string };
    expect(event).toBe(value.type);
    return value;
  });
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(['message_start', 'message_stop']);
  const message = (events[0] as unknown as { message: MessagesWhole }).message;
  expect(message.content).toEqual([]);
  let open: number | null = null;
  let json = '';
  for (const { type, index, content_block: block, delta, usage } of events as unknown as {
    type: string;
    index: number;
    content_block: MessagesWhole['content'][number];
    delta: { text?: string; partial_json?: string; stop_reason: string; stop_sequence: string | null };
    usage: Json;
  }[]) {
    if (type === 'content_block_start') {
      expect([open, index]).toEqual([null, message.content.length]);
      open = index;
      json = '';
      message.content.push({ ...block });
    } else if (type === 'content_block_delta') {
      expect(index).toBe(open);
      const last = message.content.at(-1);
      if (last !== undefined && delta.text !== undefined) last.text += delta.text;
      json += delta.partial_json ?? '';
    } else if (type === 'content_block_stop') {
      expect(index).toBe(open);
      open = null;
      const last = message.content.at(-1);
      if (last?.type === 'tool_use') last.input = json === '' ? {} : (JSON.parse(json) as Json);
    } else if (type === 'message_delta') {
      expect(open).toBeNull();
      message.stop_reason = delta.stop_reason;
      message.stop_sequence = delta.stop_sequence;
      message.usage = { ...message.usage, ...usage };
    }
  }
  return message;
}
