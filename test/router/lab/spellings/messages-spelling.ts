// How a test speaks and hears Anthropic Messages.
import { distinct, type Heard, type Json, joined, type Spelling, tokens, type WireUsage, withPicture } from './spelling.js';

interface MessageBlock {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  text?: string;
  json?: string;
  input: unknown;
}
interface MessageAnswer {
  content: MessageBlock[];
  stop_reason?: string;
  stop_sequence?: string | null;
  usage?: WireUsage;
}
interface MessageEvent {
  readonly type: string;
  readonly index: number;
  readonly message?: object;
  readonly content_block?: MessageBlock;
  readonly delta?: { readonly text?: string; readonly partial_json?: string };
  readonly usage?: object;
}

export const messagesSpelling: Spelling = {
  name: 'anthropic-messages',
  path: '/v1/messages',
  minimal: { model: 'echo-1', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] },
  body: ({ model = 'echo-1', turns, stream, cap = 1000, stops, schema, tools, parallel, choice, marksCache }) => ({
    model,
    max_tokens: cap,
    messages: turns.flatMap(({ user, picture, call, assistant }) => [
      ...(user === undefined
        ? []
        : [
            {
              role: 'user',
              content: marksCache
                ? [{ type: 'text', text: user, cache_control: { type: 'ephemeral' } }]
                : withPicture(user, picture, pngBlock),
            },
          ]),
      ...(call === undefined
        ? []
        : [
            { role: 'assistant', content: [{ type: 'tool_use', id: call.id, name: call.name, input: {} }] },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: call.result }] },
          ]),
      ...(assistant === undefined ? [] : [{ role: 'assistant', content: assistant }]),
    ]),
    ...(stream === true ? { stream } : {}),
    ...(stops === undefined ? {} : { stop_sequences: stops }),
    ...(schema === undefined ? {} : { output_config: { format: { type: 'json_schema', schema } } }),
    ...(tools === undefined ? {} : { tools: Object.entries(tools).map(([name, input_schema]) => ({ name, input_schema })) }),
    ...(parallel === false ? { tool_choice: { type: 'auto', disable_parallel_tool_use: true } } : {}),
    ...(choice === undefined ? {} : { tool_choice: { type: choice === 'required' ? 'any' : 'none' } }),
  }),
  hear: messageHeard,
  hearStream: (events) => {
    const message: MessageAnswer = { content: [] };
    for (const event of events as unknown as readonly MessageEvent[]) takeMessageEvent(message, event);
    return { ...messageHeard({ ...message }), events: distinct(events.map(({ type }) => String(type))) };
  },
};

function pngBlock(url: string): object {
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: url.split(',')[1] } };
}

function takeMessageEvent(message: MessageAnswer, { type, index, message: started, content_block, delta = {}, usage }: MessageEvent): void {
  if (type === 'message_start') Object.assign(message, started);
  if (type === 'content_block_start' && content_block !== undefined) message.content[index] = { ...content_block, text: '', json: '' };
  if (type === 'message_delta') Object.assign(message, delta, { usage: { ...message.usage, ...usage } });
  const block = message.content[index];
  if (block === undefined) return;
  if (type === 'content_block_delta') {
    block.text += delta.text ?? '';
    block.json += delta.partial_json ?? '';
  }
  if (type === 'content_block_stop' && block.type === 'tool_use') block.input = JSON.parse(block.json ?? '');
}

function messageHeard(answer: Json): Heard {
  const { content, stop_reason = '', stop_sequence, usage } = answer as unknown as MessageAnswer;
  const stops: Readonly<Record<string, string>> = {
    end_turn: 'end',
    max_tokens: 'length',
    tool_use: 'tool_calls',
    stop_sequence: `stop_sequence ${stop_sequence}`,
  };
  return {
    text: joined(content.map(({ text }) => text)),
    calls: content.filter(({ type }) => type === 'tool_use').map(({ id, name, input }) => ({ id, name, arguments: input })),
    stop: stops[stop_reason] ?? 'unknown',
    usage:
      usage?.input_tokens === undefined
        ? null
        : tokens(usage.input_tokens + usage.cache_read_input_tokens, usage.output_tokens, usage.cache_read_input_tokens, 0, usage.cost),
    events: [],
  };
}
