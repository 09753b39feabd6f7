import { expect, test } from 'vitest';
import { type RoutedTarget, routedRouter } from './routed-router.js';

const picture = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';
const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } };
const needs = {
  image: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: picture } }] }] },
  tools: { tools: [tool] },
  parallel: { tools: [tool], parallel_tool_calls: true },
  cap: { max_tokens: 10 },
  context: { max_tokens: 5000 },
  native: { logprobs: true },
  hosted: { web_search_options: {} },
} as const;

const other: RoutedTarget = { provider: { dialect: 'anthropic-messages' } };
const cases: readonly [string, keyof typeof needs, RoutedTarget, readonly string[]][] = [
  ['an image', 'image', {}, ['image']],
  ['tools', 'tools', { model: { tools: false } }, ['tools']],
  ['a tool that the provider runs', 'hosted', { model: { tools: false } }, ['tools']],
  ['parallel tool calls', 'parallel', { model: { parallel_tools: false } }, ['parallel-tools']],
  ['a cap', 'cap', { model: { honors_max_tokens: false } }, ['output-cap']],
  ['more tokens than fit', 'context', { model: { context_tokens: 4000 } }, ['context']],
  ['what only its own dialect can say', 'native', other, ['openai-chat:logprobs']],
];

test.each(cases)(
  '%s that no target can do is refused with that requirement, without asking anyone',
  async (_, need, unable, requirements) => {
    const router = await routedRouter('failover', { first: unable, second: unable });
    const said = await router.say(needs[need]);

    expect([said.status, said.code, router.asked]).toEqual([502, 'no-eligible-target', { first: 0, second: 0 }]);
    expect(JSON.parse(said.text)).toMatchObject({
      error: { message: expect.stringContaining(requirements[0] ?? ''), details: { model: 'small', dialect: 'openai-chat', requirements } },
    });
    expect(await router.row(said.id)).toMatchObject({
      error: 'no-eligible-target',
      attempts: 0,
      target_provider: '',
      resolved_group: 'small',
    });
  },
);

test.each(cases)('%s goes to the target that can, and never to one that cannot, even when the able one fails', async (_, need, unable) => {
  const able: RoutedTarget = { model: { input_modalities: ['text', 'image'] } };
  const router = await routedRouter('failover', { unable, able });
  expect((await router.say(needs[need])).status).toBe(200);
  router.upstreamOf('able').setFaults([{ status: 500 }]);
  expect((await router.say(needs[need])).status).toBe(502);

  expect(router.asked).toEqual({ unable: 0, able: 2 });
});

test('needs that only different targets meet are named together', async () => {
  const router = await routedRouter('failover', {
    seeing: { model: { input_modalities: ['text', 'image'], tools: false } },
    blind: { model: { tools: true } },
  });
  const said = await router.say({ ...needs.image, ...needs.tools });

  expect(JSON.parse(said.text)).toMatchObject({ error: { code: 'no-eligible-target', details: { requirements: ['image', 'tools'] } } });
});

test.each([
  ['/v1/responses', { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }] }, 'openai-responses'],
  [
    '/v1/messages',
    { max_tokens: 9, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }] }] },
    'anthropic-messages',
  ],
])('an image that the provider keeps needs a target that sees, on %s', async (path, body, dialect) => {
  const router = await routedRouter('failover', { blind: { provider: { dialect } } });
  const said = await router.sayOn(path, body);

  expect([said.status, said.code, JSON.parse(said.text)]).toMatchObject([
    502,
    'no-eligible-target',
    { error: { details: { requirements: ['image'] } } },
  ]);
});

test('an image that is the result of a tool, or lies elsewhere, needs a target that sees', async () => {
  const router = await routedRouter('failover', { blind: {} }, { upstream: { allow_remote_images: true } });
  const call = { type: 'tool_use', id: 't', name: 'look', input: {} };
  const source = { type: 'base64', media_type: 'image/png', data: picture.split(',')[1] };
  const result = { type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', source }] };
  const shown = [
    { role: 'user', content: 'look' },
    { role: 'assistant', content: [call] },
    { role: 'user', content: [result] },
  ];
  const elsewhere = { type: 'image', source: { type: 'url', url: 'https://images.example/cat.png' } };
  for (const messages of [shown, [{ role: 'user', content: [elsewhere] }]]) {
    const said = await router.sayOn('/v1/messages', { max_tokens: 9, messages });

    expect([said.status, JSON.parse(said.text)]).toMatchObject([502, { error: { details: { requirements: ['image'] } } }]);
  }
});

test('a tool that another provider runs asks nothing of a target that has no tools, since it is never offered it', async () => {
  const target: RoutedTarget = { provider: { dialect: 'anthropic-messages' }, model: { tools: false } };
  const models = { small: { targets: [{ provider: 'first', model_ref: 'm' }], hosted_tools: 'omit' } };
  const strict = await routedRouter('failover', { first: target });
  const lenient = await routedRouter('static', { first: target }, { models });

  expect(JSON.parse((await strict.say(needs.hosted)).text)).toMatchObject({
    error: { details: { requirements: ['openai-chat:web_search_options'] } },
  });
  expect((await lenient.say(needs.hosted)).status).toBe(200);
});

test('a plain question goes to any target', async () => {
  const router = await routedRouter('failover', { first: { model: { tools: false, honors_max_tokens: false } } });

  expect((await router.say()).status).toBe(200);
});
