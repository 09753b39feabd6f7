// The official SDKs, as anybody would use them but without their retries, against targets of all three dialects.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pixelUrl } from './asked.js';
import { type DialectName, type DialectRouter, dialects, startDialectRouter, token } from './dialect-router.js';
import { answerOf, type Said } from './said.js';

let router: DialectRouter;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  router = await startDialectRouter({}, { breaker: { failures: 1_000_000 } });
  openai = new OpenAI({ apiKey: token, baseURL: `${router.url}/v1`, maxRetries: 0, timeout: 5000 });
  anthropic = new Anthropic({ apiKey: token, baseURL: router.url, maxRetries: 0, timeout: 5000 });
});
afterAll(async () => router.stop());

const count = { input: 21, output: 9 };
const text: Said = { text: 'Hello you', calls: [], stop: 'end', ...count };
const called: Said = {
  text: 'I look.',
  calls: [
    { id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } },
    { id: 'call_2', name: 'get_weather', arguments: { city: 'Rome' } },
  ],
  stop: 'tool-calls',
  ...count,
};
const tell = (target: DialectName, said: Said, stream: boolean) => router.upstream.tell(answerOf(target, said, stream));
const parameters = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
  additionalProperties: false,
};
const base64 = pixelUrl.slice(pixelUrl.indexOf(',') + 1);

describe.each(dialects)('at a target of %s', (target) => {
  test('chat.completions answers with text, tool calls and usage, plain and streamed', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }];
    const content = [
      { type: 'text' as const, text: 'hi' },
      { type: 'image_url' as const, image_url: { url: pixelUrl } },
    ];
    const body = { model: target, messages: [{ role: 'user' as const, content }], tools };
    tell(target, called, false);
    const plain = await openai.chat.completions.create(body);
    tell(target, called, true);
    const stream = openai.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
    const streamed = await stream.finalChatCompletion();

    for (const { choices, usage } of [plain, streamed]) {
      expect(choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: {
          content: 'I look.',
          tool_calls: called.calls.map(({ id, name, arguments: json }) => ({ id, function: { name, arguments: JSON.stringify(json) } })),
        },
      });
      expect(usage).toMatchObject({ prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 });
    }
  });

  test('responses answers with text, tool calls and usage, plain and with the stream helper', async () => {
    const body = {
      model: target,
      input: [
        {
          role: 'user' as const,
          content: [
            { type: 'input_text' as const, text: 'hi' },
            { type: 'input_image' as const, image_url: pixelUrl, detail: 'auto' as const },
          ],
        },
      ],
      tools: [{ type: 'function' as const, name: 'get_weather', parameters, strict: true }],
    };
    tell(target, called, false);
    const plain = await openai.responses.create(body);
    tell(target, called, true);
    const stream = openai.responses.stream(body);
    const deltas: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
    const streamed = await stream.finalResponse();

    expect(deltas.join('')).toBe('I look.');
    for (const { output_text, output, status, usage } of [plain, streamed]) {
      expect([output_text, status]).toEqual(['I look.', 'completed']);
      expect(output.slice(1)).toMatchObject(
        called.calls.map(({ id, name, arguments: json }) => ({
          type: 'function_call',
          call_id: id,
          name,
          arguments: JSON.stringify(json),
        })),
      );
      expect(usage).toMatchObject({ input_tokens: 21, output_tokens: 9, total_tokens: 30 });
    }
  });

  test('messages answers with text, tool calls and usage, plain and with the stream helper', async () => {
    const body = {
      model: target,
      max_tokens: 100,
      messages: [
        {
          role: 'user' as const,
          content: [
            { type: 'text' as const, text: 'hi' },
            { type: 'image' as const, source: { type: 'base64' as const, media_type: 'image/png' as const, data: base64 } },
          ],
        },
      ],
      tools: [{ name: 'get_weather', input_schema: parameters }],
    };
    tell(target, called, false);
    const plain = await anthropic.messages.create(body);
    tell(target, called, true);
    const stream = anthropic.messages.stream(body);
    const words: string[] = [];
    stream.on('text', (word) => words.push(word));
    const streamed = await stream.finalMessage();

    expect(words.join('')).toBe('I look.');
    expect([plain._request_id, stream.request_id]).toEqual([expect.stringMatching(/^req_/), expect.stringMatching(/^req_/)]);
    for (const { content, stop_reason, usage } of [plain, streamed]) {
      expect(stop_reason).toBe('tool_use');
      expect(content).toMatchObject([
        { type: 'text', text: 'I look.' },
        ...called.calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
      ]);
      expect(usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0)).toBe(21);
      expect(usage.output_tokens).toBe(9);
    }
  });

  test('a parsed answer after a schema is parsed by each helper', async () => {
    const answer: Said = { ...text, text: '{"city":"Paris"}' };
    tell(target, answer, false);
    const response = await openai.responses.parse({
      model: target,
      input: 'x',
      text: { format: { type: 'json_schema', name: 'city', schema: parameters, strict: true } },
    });
    expect(JSON.parse(response.output_text)).toEqual({ city: 'Paris' });
    const completion = await openai.chat.completions.parse({
      model: target,
      messages: [{ role: 'user', content: 'x' }],
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema: parameters, strict: true } },
    });
    expect(completion.choices[0]?.message.content).toBe('{"city":"Paris"}');
  });

  test('refusals become the error classes of each package, with code and request id', async () => {
    router.upstream.tell({ status: 429, body: '{}' });
    const failure = await openai.chat.completions
      .create({ model: target, messages: [{ role: 'user', content: 'x' }] })
      .catch((error: unknown) => error as InstanceType<typeof OpenAI.APIError>);
    expect(failure).toBeInstanceOf(OpenAI.InternalServerError);
    expect(failure).toMatchObject({ status: 503, code: 'upstream-rate-limited', requestID: expect.stringMatching(/^req_/) });

    const refused = await anthropic.messages
      .create({ model: target, max_tokens: 5, messages: [{ role: 'user', content: 'x' }] })
      .catch((error: unknown) => error as InstanceType<typeof Anthropic.APIError>);
    expect(refused).toBeInstanceOf(Anthropic.InternalServerError);
    expect(refused).toMatchObject({ status: 503, type: 'overloaded_error', error: { error: { code: 'upstream-rate-limited' } } });
  });

  test('an answer that breaks off is an error for each stream helper that can tell', async () => {
    const pieces = answerOf(target, text, true).body as string[];
    router.upstream.tell({ body: pieces.slice(0, -2), cut: true });
    const messages = [{ role: 'user' as const, content: 'x' }];
    await expect(openai.chat.completions.stream({ model: target, messages }).finalChatCompletion()).rejects.toThrow(/broke/);
    await expect(anthropic.messages.stream({ model: target, max_tokens: 5, messages }).finalMessage()).rejects.toThrow(/broke/);
    const failed = await openai.responses.stream({ model: target, input: 'x' }).finalResponse();
    expect([failed.status, failed.error?.code]).toEqual(['failed', 'upstream-failed']);
  });
});

test.each([
  ['no such token', 'rt-unknown', 'openai-chat', 401],
  ['no such model', token, 'gone', 403],
] as const)('%s is the error class that each package has for it', async (_, apiKey, model, status) => {
  const chat = new OpenAI({ apiKey, baseURL: `${router.url}/v1`, maxRetries: 0 });
  const messages = new Anthropic({ apiKey, baseURL: router.url, maxRetries: 0 });
  const [openAiClass, anthropicClass] =
    status === 401
      ? [OpenAI.AuthenticationError, Anthropic.AuthenticationError]
      : [OpenAI.PermissionDeniedError, Anthropic.PermissionDeniedError];

  await expect(chat.responses.create({ model, input: 'x' })).rejects.toBeInstanceOf(openAiClass);
  await expect(messages.messages.create({ model, max_tokens: 5, messages: [{ role: 'user', content: 'x' }] })).rejects.toBeInstanceOf(
    anthropicClass,
  );
});

test('models are listed by both packages', async () => {
  const ids: string[] = [];
  for await (const model of openai.models.list()) ids.push(model.id);
  expect(ids).toEqual([...dialects]);
  const listed: string[] = [];
  for await (const model of anthropic.models.list()) listed.push(model.id);
  expect(listed).toEqual([...dialects]);
});

test('tokens of a message are counted without asking anybody, images and tools too', async () => {
  const before = router.upstream.asked.length;
  const messages = [{ role: 'user' as const, content: 'How many tokens is this?' }];
  const few = await anthropic.messages.countTokens({ model: 'openai-chat', messages });
  const more = await anthropic.messages.countTokens({ model: 'openai-chat', messages, tools: [{ name: 'f', input_schema: parameters }] });

  expect(few.input_tokens).toBeGreaterThan(0);
  expect(more.input_tokens).toBeGreaterThan(few.input_tokens);
  expect(router.upstream.asked.length).toBe(before);
});

test('the tool runner of the Messages package works although it begins with a thread that is refused', async () => {
  const { betaTool } = await import('@anthropic-ai/sdk/helpers/beta/json-schema');
  const tool = betaTool({
    name: 'get_weather',
    description: 'Weather',
    inputSchema: parameters,
    run: ({ city }) => `sun in ${String(city)}`,
  });
  tell('openai-chat', { ...called, calls: called.calls.slice(0, 1) }, false);
  const runner = anthropic.beta.messages.toolRunner({
    model: 'openai-chat',
    max_tokens: 100,
    max_iterations: 2,
    messages: [{ role: 'user', content: 'weather?' }],
    tools: [tool],
  });
  const seen: unknown[] = [];
  for await (const message of runner) {
    seen.push(message.stop_reason);
    tell('openai-chat', text, false);
  }
  expect(seen).toEqual(['tool_use', 'end_turn']);
  expect(JSON.stringify(router.upstream.asked.at(-1)?.body)).toContain('sun in Paris');
});
