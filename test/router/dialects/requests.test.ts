// What a provider receives when a caller of any dialect asks: its own body with the model replaced where the dialects agree, else the
// same question in the provider's words.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askedEverywhere, imageBlock, pixelUrl } from './asked.js';
import { type DialectName, type DialectRouter, dialects, directions, paths, startDialectRouter } from './dialect-router.js';
import { answerOf } from './said.js';

let router: DialectRouter;

beforeAll(async () => {
  router = await startDialectRouter();
});
afterAll(async () => router.stop());

/** What the provider was asked for a body, after the answer came. */
async function received(caller: DialectName, target: DialectName, body: object, headers = {}): Promise<Record<string, unknown>> {
  const stream = 'stream' in body && body.stream === true;
  router.upstream.tell(answerOf(target, { text: 'ok', calls: [], stop: 'end', input: 9, output: 1 }, stream));
  const response = await router.ask(caller, { model: target, ...body }, headers);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  const asked = router.upstream.asked.at(-1);
  expect(asked?.path).toBe(paths[target]);
  expect(asked?.body['model']).toBe('provider-model');
  const { model: _, ...rest } = asked?.body ?? {};
  return rest;
}

describe.each(Object.entries(askedEverywhere))('%s', (_, { sent, received: expected }) => {
  test.each(directions)('of a caller of %s reaches a target of %s', async (caller, target) => {
    expect(await received(caller, target, sent[caller])).toEqual(caller === target ? sent[caller] : expected[target]);
    const streamed = await received(caller, target, { ...sent[caller], stream: true });
    const usage = target === 'openai-chat' ? { stream_options: { include_usage: true } } : {};
    expect(streamed).toEqual({ ...(caller === target ? sent[caller] : expected[target]), stream: true, ...usage });
  });
});

test.each(dialects)('what a target of the same dialect %s may know better is passed on untouched', async (dialect) => {
  const strange = { brand_new_member: { deep: [1, null, 'x'] }, metadata: { trace: 'a' } };
  const said = dialect === 'openai-responses' ? { input: 'hi' } : { messages: [{ role: 'user', content: 'hi' }] };
  const body = { ...said, ...(dialect === 'anthropic-messages' ? { max_tokens: 9 } : {}), ...strange };

  expect(await received(dialect, dialect, body)).toEqual(body);
});

test("a caller without a cap gets the model's own where the dialect demands one, and none elsewhere", async () => {
  const body = { messages: [{ role: 'user', content: 'hi' }] };
  expect(await received('openai-chat', 'anthropic-messages', body)).toMatchObject({ max_tokens: 4096 });
  expect(await received('openai-chat', 'openai-responses', body)).not.toHaveProperty('max_output_tokens');
});

test('a tool result with an image follows as a message of the user where results hold text only, after all results', async () => {
  const result = { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'seen' }, imageBlock] };
  const body = {
    max_tokens: 9,
    messages: [
      { role: 'user', content: 'Look' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'view', input: {} },
          { type: 'tool_use', id: 'b', name: 'view', input: {} },
        ],
      },
      {
        role: 'user',
        content: [result, { type: 'tool_result', tool_use_id: 'b', content: 'no', is_error: true }, { type: 'text', text: 'And?' }],
      },
    ],
  };
  const chat = (await received('anthropic-messages', 'openai-chat', body))['messages'] as Record<string, unknown>[];
  expect(chat.slice(2)).toEqual([
    { role: 'tool', tool_call_id: 'a', content: 'seen' },
    { role: 'tool', tool_call_id: 'b', content: 'error: no' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Image of the result of the tool call a:' },
        { type: 'image_url', image_url: { url: pixelUrl } },
      ],
    },
    { role: 'user', content: 'And?' },
  ]);
  const responses = (await received('anthropic-messages', 'openai-responses', body))['input'] as Record<string, unknown>[];
  expect(responses[3]).toEqual({
    type: 'function_call_output',
    call_id: 'a',
    output: [
      { type: 'input_text', text: 'seen' },
      { type: 'input_image', image_url: pixelUrl, detail: 'auto' },
    ],
  });
});

test('ids that a Messages provider would refuse are replaced, the same in a call and its result', async () => {
  const call = { id: 'call|ä 1', type: 'function', function: { name: 'f', arguments: '{}' } };
  const { messages } = await received('openai-chat', 'anthropic-messages', {
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: call.id, content: 'y' },
    ],
  });
  const [, made, answered] = messages as { content: { id?: string; tool_use_id?: string }[] }[];

  expect(made?.content[0]?.id).toMatch(/^toolu_\w+$/);
  expect(answered?.content[0]?.tool_use_id).toBe(made?.content[0]?.id);
});

test('arguments that are no JSON object reach a Messages provider whole, and not as none', async () => {
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"cut": ' } };
  const { messages } = await received('openai-chat', 'anthropic-messages', {
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: null, tool_calls: [call] },
    ],
  });

  expect((messages as { content: unknown }[])[1]?.content).toEqual([
    { type: 'tool_use', id: 'a', name: 'f', input: { unparsed_arguments: '{"cut": ' } },
  ]);
});

test('versions and betas of a Messages caller reach a provider of its dialect, and others get a version of their own', async () => {
  const versions = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'effort-2025-11-24' };
  await received('anthropic-messages', 'anthropic-messages', { max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }, versions);
  expect(router.upstream.asked.at(-1)?.headers).toMatchObject(versions);

  await received('openai-chat', 'anthropic-messages', { messages: [{ role: 'user', content: 'x' }] }, versions);
  expect(router.upstream.asked.at(-1)?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
  expect(router.upstream.asked.at(-1)?.headers['anthropic-beta']).toBeUndefined();
});
