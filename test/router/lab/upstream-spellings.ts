// One question in three spellings, and the answer read back from each: for tests of what the scripted provider says whichever
// dialect it is asked in. Written from the published formats, beside the provider and the router, not with their code.

export interface SpokenTurn {
  readonly user?: string;
  readonly picture?: string;
  /** A call that the assistant made, with what it brought. */
  readonly call?: { readonly id: string; readonly name: string; readonly result: string };
  readonly assistant?: string;
}

export interface Spoken {
  readonly model?: string;
  readonly turns: readonly SpokenTurn[];
  readonly stream?: boolean;
  readonly cap?: number;
  readonly stops?: readonly string[];
  readonly schema?: object;
  readonly marksCache?: boolean;
  /** Name to JSON Schema. */
  readonly tools?: Readonly<Record<string, object>>;
  readonly parallel?: false;
  readonly choice?: 'required' | 'none';
}

export interface Heard {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: unknown }[];
  readonly stop: string;
  readonly usage: { input: number; output: number; cached: number; reasoning: number; cost: number | null } | null;
  /** Types of the stream's events in order, a repeated one once; empty for a plain answer. */
  readonly events: readonly string[];
}

/** The members of all three formats that are read here; which of them are there depends on the format. */
interface Json {
  readonly [name: string]: unknown;
}
interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number };
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly cache_read_input_tokens: number;
  readonly cost?: number;
}
interface ChatCall {
  readonly index: number;
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}
interface ChatMessage {
  readonly content?: string | null;
  readonly tool_calls?: readonly ChatCall[];
}
interface ChatChoice {
  readonly message: ChatMessage;
  readonly delta: ChatMessage;
  readonly finish_reason: string | null;
}
interface ChatAnswer {
  readonly choices?: readonly ChatChoice[];
  readonly usage?: WireUsage | null;
}
interface ResponseAnswer {
  readonly output?: readonly {
    readonly type: string;
    readonly content: readonly { readonly text: string }[];
    readonly call_id: string;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly status?: string;
  readonly usage?: WireUsage | null;
}
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

export interface Spelling {
  readonly name: string;
  readonly path: string;
  readonly minimal: Json;
  body(spoken: Spoken): Json;
  /** Of a plain answer. */
  hear(answer: Json): Heard;
  hearStream(events: readonly Json[]): Heard;
}

const tokens = (input = 0, output = 0, cached = 0, reasoning = 0, cost: number | null = null) => ({
  input,
  output,
  cached,
  reasoning,
  cost,
});
const distinct = (names: readonly string[]): string[] => names.filter((name, at) => name !== names[at - 1]);
const joined = (parts: readonly unknown[]): string => parts.map((part) => (typeof part === 'string' ? part : '')).join('');

const chatSpelling: Spelling = {
  name: 'openai-chat',
  path: '/v1/chat/completions',
  minimal: { model: 'echo-1', messages: [{ role: 'user', content: 'hello' }] },
  body: ({ model = 'echo-1', turns, stream, cap, stops, schema, tools, parallel, choice }) => ({
    model,
    messages: turns.flatMap(({ user, picture, call, assistant }) => [
      ...(user === undefined
        ? []
        : [{ role: 'user', content: withPicture(user, picture, (url) => ({ type: 'image_url', image_url: { url } })) }]),
      ...(call === undefined
        ? []
        : [
            {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: call.id, type: 'function', function: { name: call.name, arguments: '{}' } }],
            },
            { role: 'tool', tool_call_id: call.id, content: call.result },
          ]),
      ...(assistant === undefined ? [] : [{ role: 'assistant', content: assistant }]),
    ]),
    ...(stream === true ? { stream, stream_options: { include_usage: true } } : {}),
    ...(cap === undefined ? {} : { max_completion_tokens: cap }),
    ...(stops === undefined ? {} : { stop: stops }),
    ...(schema === undefined ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } }),
    ...(tools === undefined
      ? {}
      : { tools: Object.entries(tools).map(([name, parameters]) => ({ type: 'function', function: { name, parameters } })) }),
    ...(parallel === false ? { parallel_tool_calls: false } : {}),
    ...(choice === undefined ? {} : { tool_choice: choice }),
  }),
  hear: (answer) => {
    const { choices: [choice] = [], usage } = answer as ChatAnswer;
    const { message: { content, tool_calls = [] } = {}, finish_reason } = choice ?? {};
    return {
      text: content ?? '',
      calls: tool_calls.map(({ id, function: run }) => ({ id, name: run.name, arguments: JSON.parse(run.arguments) as unknown })),
      stop: finish_reason === 'stop' ? 'end' : String(finish_reason),
      usage: chatTokens(usage),
      events: [],
    };
  },
  hearStream: (events) => {
    const chunks = events as readonly ChatAnswer[];
    const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
    const calls: { id: string; name: string; text: string }[] = [];
    for (const { index, id, function: run } of choices.flatMap(({ delta }) => delta.tool_calls ?? [])) {
      calls[index] ??= { id, name: run.name, text: '' };
      calls[index].text += run.arguments;
    }
    const finish = choices.findLast(({ finish_reason }) => finish_reason !== null)?.finish_reason;
    return {
      text: joined(choices.map(({ delta }) => delta.content)),
      calls: calls.map(({ id, name, text }) => ({ id, name, arguments: JSON.parse(text) as unknown })),
      stop: finish === 'stop' ? 'end' : String(finish),
      usage: chatTokens(chunks.findLast(({ usage }) => usage !== null && usage !== undefined)?.usage),
      events: distinct(chunks.map((chunk) => (chunk.choices?.length === 0 ? 'usage' : 'chunk'))),
    };
  },
};

const responsesSpelling: Spelling = {
  name: 'openai-responses',
  path: '/v1/responses',
  minimal: { model: 'echo-1', input: 'hello' },
  body: ({ model = 'echo-1', turns, stream, cap, schema, tools, parallel, choice }) => ({
    model,
    input: turns.flatMap(({ user, picture, call, assistant }) => [
      ...(user === undefined
        ? []
        : [
            {
              role: 'user',
              content: withPicture(user, picture, (image_url) => ({ type: 'input_image', image_url, detail: 'auto' }), 'input_text'),
            },
          ]),
      ...(call === undefined
        ? []
        : [
            { type: 'function_call', call_id: call.id, name: call.name, arguments: '{}' },
            { type: 'function_call_output', call_id: call.id, output: call.result },
          ]),
      ...(assistant === undefined ? [] : [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: assistant }] }]),
    ]),
    ...(stream === true ? { stream } : {}),
    ...(cap === undefined ? {} : { max_output_tokens: cap }),
    ...(schema === undefined ? {} : { text: { format: { type: 'json_schema', name: 'answer', schema } } }),
    ...(tools === undefined ? {} : { tools: Object.entries(tools).map(([name, parameters]) => ({ type: 'function', name, parameters })) }),
    ...(parallel === false ? { parallel_tool_calls: false } : {}),
    ...(choice === undefined ? {} : { tool_choice: choice }),
  }),
  hear: responseHeard,
  hearStream: (events) => ({
    ...responseHeard((events.at(-1)?.['response'] ?? {}) as Json),
    events: distinct(events.map(({ type }) => String(type))),
  }),
};

const messagesSpelling: Spelling = {
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

export const spellings = [chatSpelling, responsesSpelling, messagesSpelling] as const;

/** Asks and reads the answer; throws with the body when it was refused. */
export async function say({ url }: { readonly url: string }, spelling: Spelling, spoken: Spoken): Promise<Heard> {
  const answer = await fetch(`${url}${spelling.path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(spelling.body(spoken)),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  if (spoken.stream !== true) return spelling.hear((await answer.json()) as Json);
  return spelling.hearStream(dataOf(await answer.text()));
}

/** The JSON of the `data:` lines of a stream. */
export function dataOf(stream: string): Json[] {
  return [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Json);
}

function withPicture(text: string, base64: string | undefined, image: (url: string) => object, textType = 'text'): unknown {
  return base64 === undefined ? text : [{ type: textType, text }, image(`data:image/png;base64,${base64}`)];
}

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

function chatTokens(usage: WireUsage | null | undefined): Heard['usage'] {
  if (usage === undefined || usage === null) return null;
  const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details, cost } = usage;
  return tokens(prompt_tokens, completion_tokens, prompt_tokens_details?.cached_tokens, completion_tokens_details?.reasoning_tokens, cost);
}

function responseHeard(answer: Json): Heard {
  const { output = [], status, usage } = answer as ResponseAnswer;
  const calls = output.filter(({ type }) => type === 'function_call');
  return {
    text: joined(output.flatMap(({ type, content }) => (type === 'message' ? content.map((part) => part.text) : []))),
    calls: calls.map(({ call_id, name, arguments: text }) => ({ id: call_id, name, arguments: JSON.parse(text) as unknown })),
    stop: status === 'incomplete' ? 'length' : calls.length > 0 ? 'tool_calls' : 'end',
    usage:
      usage === null || usage === undefined
        ? null
        : tokens(
            usage.input_tokens,
            usage.output_tokens,
            usage.input_tokens_details.cached_tokens,
            usage.output_tokens_details.reasoning_tokens,
            usage.cost,
          ),
    events: [],
  };
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
