// How a test speaks and hears OpenAI Responses.
import { distinct, type Heard, type Json, joined, type Spelling, tokens, type WireUsage, withPicture } from './spelling.js';

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
export const responsesSpelling: Spelling = {
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
