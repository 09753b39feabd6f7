// Valid requests of every dialect, rich enough that a change anywhere in them reaches another reader.
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const picture = `data:image/png;base64,${png}`;
const args = '{"city":"Oslo"}';

export interface ValidRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const chat = {
  temperature: 0.5,
  top_p: 1,
  max_tokens: 60,
  stop: ['END'],
  user: 'u',
  messages: [
    { role: 'system', content: 'be short' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'look' },
        { type: 'image_url', image_url: { url: picture, detail: 'low' } },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: args } }] },
    { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    { role: 'user', content: 'and now?' },
  ],
  tools: [{ type: 'function', function: { name: 'weather', description: 'tells it', parameters: schema, strict: true } }],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
  stream_options: { include_usage: true },
};
const responses = {
  instructions: 'be short',
  max_output_tokens: 60,
  temperature: 0.5,
  input: [
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'look' },
        { type: 'input_image', image_url: picture, detail: 'low' },
      ],
    },
    { type: 'function_call', call_id: 'c1', name: 'weather', arguments: args },
    { type: 'function_call_output', call_id: 'c1', output: 'rain' },
    { type: 'reasoning', id: 'r1', summary: [], encrypted_content: 'abc' },
    { role: 'assistant', content: [{ type: 'output_text', text: 'rain', annotations: [] }] },
    { role: 'user', content: 'and now?' },
  ],
  tools: [
    { type: 'function', name: 'weather', description: 'tells it', parameters: schema, strict: true },
    { type: 'custom', name: 'patch' },
  ],
  tool_choice: { type: 'function', name: 'weather' },
  text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
  reasoning: { effort: 'low' },
  include: ['reasoning.encrypted_content'],
  store: false,
};
const messages = {
  max_tokens: 60,
  system: [{ type: 'text', text: 'be short', cache_control: { type: 'ephemeral' } }],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'look' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'abc' },
        { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Oslo' } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'rain' }], is_error: false }] },
  ],
  tools: [{ name: 'weather', description: 'tells it', input_schema: schema }],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 1024 },
  stop_sequences: ['END'],
  metadata: { user_id: 'u' },
};
const plain = [{ role: 'user', content: 'reply with exactly: PONG' }];

/** `groups` are the model groups that each is asked of. */
export function validRequests(groups: readonly string[]): readonly ValidRequest[] {
  const asked = [
    ['/v1/chat/completions', chat],
    ['/v1/chat/completions', { messages: plain }],
    ['/v1/responses', responses],
    ['/v1/responses', { input: 'reply with exactly: PONG' }],
    ['/v1/messages', messages],
    ['/v1/messages', { max_tokens: 50, messages: plain }],
    ['/anthropic/v1/messages', messages],
    ['/v1/messages/count_tokens', messages],
  ] as const;
  return asked.flatMap(([path, body]) =>
    groups.flatMap((model) => [false, true].map((stream) => ({ path, body: { model, stream, ...body } }))),
  );
}
