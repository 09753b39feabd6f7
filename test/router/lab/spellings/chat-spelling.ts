// How a test speaks and hears OpenAI Chat Completions.
import { distinct, type Heard, joined, type Spelling, tokens, type WireUsage, withPicture } from './spelling.js';

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
export const chatSpelling: Spelling = {
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

function chatTokens(usage: WireUsage | null | undefined): Heard['usage'] {
  if (usage === undefined || usage === null) return null;
  const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details, cost } = usage;
  return tokens(prompt_tokens, completion_tokens, prompt_tokens_details?.cached_tokens, completion_tokens_details?.reasoning_tokens, cost);
}
