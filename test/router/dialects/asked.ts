// The same conversations as a caller of each dialect writes them, and as a provider of each dialect must receive them. Written out by
// hand from the published references; where two of them agree on a form, it stands once.
import type { DialectName } from './dialect-router.js';

type Json = Record<string, unknown>;

export interface AskedEverywhere {
  /** What a caller of the dialect sends, without `model`. */
  readonly sent: Readonly<Record<DialectName, Json>>;
  /** What a provider of the dialect receives from a caller of another one, without `model`. */
  readonly received: Readonly<Record<DialectName, Json>>;
}

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const pixelUrl = `data:image/png;base64,${pixel}`;
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const parisArguments = '{"city":"Paris"}';
const romeArguments = '{"city":"Rome"}';

const chatTool = { type: 'function', function: { name: 'get_weather', description: 'Weather of a city', parameters } };
const responsesTool = { type: 'function', name: 'get_weather', description: 'Weather of a city', parameters, strict: false };
const messagesTool = { name: 'get_weather', description: 'Weather of a city', input_schema: parameters };

const chatText: Json = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hi' },
    { role: 'user', content: 'Again' },
  ],
  max_tokens: 77,
  temperature: 0.5,
  top_p: 0.9,
};
const message = (role: string, text: string): Json => ({ type: 'message', role, content: [{ type: 'input_text', text }] });
const block = (role: string, text: string): Json => ({ role, content: [{ type: 'text', text }] });

const text: AskedEverywhere = {
  sent: {
    'openai-chat': chatText,
    'openai-responses': {
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'Hello' },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Again' }] },
      ],
      max_output_tokens: 77,
      temperature: 0.5,
      top_p: 0.9,
      store: false,
    },
    'anthropic-messages': {
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
        { role: 'user', content: [{ type: 'text', text: 'Again' }] },
      ],
      max_tokens: 77,
      temperature: 0.5,
      top_p: 0.9,
    },
  },
  received: {
    'openai-chat': chatText,
    'openai-responses': {
      input: [
        message('system', 'Be brief.'),
        message('user', 'Hello'),
        { type: 'message', role: 'assistant', content: 'Hi' },
        message('user', 'Again'),
      ],
      store: false,
      max_output_tokens: 77,
      temperature: 0.5,
      top_p: 0.9,
    },
    'anthropic-messages': {
      system: 'Be brief.',
      messages: [block('user', 'Hello'), block('assistant', 'Hi'), block('user', 'Again')],
      max_tokens: 77,
      temperature: 0.5,
      top_p: 0.9,
    },
  },
};

const chatCalls = [
  { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: parisArguments } },
  { id: 'call_b', type: 'function', function: { name: 'get_weather', arguments: romeArguments } },
];
const chatTools: Json = {
  max_tokens: 4096,
  messages: [
    { role: 'user', content: 'Compare' },
    { role: 'assistant', content: 'I look.', tool_calls: chatCalls },
    { role: 'tool', tool_call_id: 'call_a', content: 'sun' },
    { role: 'tool', tool_call_id: 'call_b', content: 'rain' },
  ],
  tools: [chatTool],
  tool_choice: 'required',
  parallel_tool_calls: false,
};
const responsesCalls = [
  { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: parisArguments },
  { type: 'function_call', call_id: 'call_b', name: 'get_weather', arguments: romeArguments },
  { type: 'function_call_output', call_id: 'call_a', output: 'sun' },
  { type: 'function_call_output', call_id: 'call_b', output: 'rain' },
];
const toolUses = [
  { type: 'tool_use', id: 'call_a', name: 'get_weather', input: { city: 'Paris' } },
  { type: 'tool_use', id: 'call_b', name: 'get_weather', input: { city: 'Rome' } },
];
const toolResult = (id: string, content: unknown): Json => ({ type: 'tool_result', tool_use_id: id, content });

/** Two calls in one answer and their results, with tools that must be used one at a time. */
const tools: AskedEverywhere = {
  sent: {
    'openai-chat': chatTools,
    'openai-responses': {
      max_output_tokens: 4096,
      input: [
        { role: 'user', content: 'Compare' },
        { role: 'assistant', content: 'I look.' },
        ...responsesCalls.map((item, index) => ({ ...item, id: `fc_${index}` })),
      ],
      tools: [responsesTool],
      tool_choice: 'required',
      parallel_tool_calls: false,
    },
    'anthropic-messages': {
      max_tokens: 4096,
      messages: [
        { role: 'user', content: 'Compare' },
        { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, ...toolUses] },
        { role: 'user', content: [toolResult('call_a', 'sun'), toolResult('call_b', [{ type: 'text', text: 'rain' }])] },
      ],
      tools: [messagesTool],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    },
  },
  received: {
    'openai-chat': chatTools,
    'openai-responses': {
      max_output_tokens: 4096,
      input: [message('user', 'Compare'), { type: 'message', role: 'assistant', content: 'I look.' }, ...responsesCalls],
      store: false,
      tools: [responsesTool],
      tool_choice: 'required',
      parallel_tool_calls: false,
    },
    'anthropic-messages': {
      max_tokens: 4096,
      messages: [
        block('user', 'Compare'),
        { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, ...toolUses] },
        {
          role: 'user',
          content: [toolResult('call_a', [{ type: 'text', text: 'sun' }]), toolResult('call_b', [{ type: 'text', text: 'rain' }])],
        },
      ],
      tools: [messagesTool],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    },
  },
};

const chatImage: Json = {
  max_tokens: 4096,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: pixelUrl } },
      ],
    },
  ],
};
export const imageBlock = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } };

const image: AskedEverywhere = {
  sent: {
    'openai-chat': chatImage,
    'openai-responses': {
      max_output_tokens: 4096,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: pixelUrl },
          ],
        },
      ],
    },
    'anthropic-messages': {
      max_tokens: 4096,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, imageBlock] }],
    },
  },
  received: {
    'openai-chat': chatImage,
    'openai-responses': {
      max_output_tokens: 4096,
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: pixelUrl, detail: 'auto' },
          ],
        },
      ],
      store: false,
    },
    'anthropic-messages': {
      max_tokens: 4096,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, imageBlock] }],
    },
  },
};

const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };
const chatSchema: Json = {
  max_tokens: 4096,
  messages: [{ role: 'user', content: 'Count' }],
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
  tools: [chatTool],
  tool_choice: { type: 'function', function: { name: 'get_weather' } },
};

/** An answer after a schema, and one tool that must be called. */
const schemaAndChoice: AskedEverywhere = {
  sent: {
    'openai-chat': chatSchema,
    'openai-responses': {
      max_output_tokens: 4096,
      input: 'Count',
      text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
      tools: [responsesTool],
      tool_choice: { type: 'function', name: 'get_weather' },
    },
    'anthropic-messages': {
      max_tokens: 4096,
      messages: [{ role: 'user', content: 'Count' }],
      output_config: { format: { type: 'json_schema', schema } },
      tools: [messagesTool],
      tool_choice: { type: 'tool', name: 'get_weather' },
    },
  },
  received: {
    'openai-chat': chatSchema,
    'openai-responses': {
      max_output_tokens: 4096,
      input: [message('user', 'Count')],
      store: false,
      text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
      tools: [responsesTool],
      tool_choice: { type: 'function', name: 'get_weather' },
    },
    'anthropic-messages': {
      max_tokens: 4096,
      messages: [block('user', 'Count')],
      output_config: { format: { type: 'json_schema', schema } },
      tools: [messagesTool],
      tool_choice: { type: 'tool', name: 'get_weather' },
    },
  },
};

export const askedEverywhere: Readonly<Record<string, AskedEverywhere>> = {
  'a conversation': text,
  'calls and their results': tools,
  'an image': image,
  'a schema and a tool that must be called': schemaAndChoice,
};
