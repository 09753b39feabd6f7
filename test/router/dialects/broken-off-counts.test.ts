// What the row of a stream says that did not come to its end, when the provider counted the input at the beginning.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type DialectName, type DialectRouter, dialects, startDialectRouter } from './dialect-router.js';
import { startToldUpstream } from './told-upstream.js';

let router: DialectRouter;
beforeAll(async () => {
  router = await startDialectRouter({}, { breaker: { failures: 1_000_000 } });
});
afterAll(async () => router.stop());

const bodies: Readonly<Record<DialectName, Record<string, unknown>>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 },
};
const ask = (caller: DialectName, model = 'anthropic-messages'): Promise<Response> =>
  router.ask(caller, { model, ...bodies[caller], stream: true });

const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const startWith = (usage: object): string =>
  event('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], model: 'm', usage } });
const counted = { input_tokens: 1000, cache_read_input_tokens: 200, cache_creation_input_tokens: 30, output_tokens: 1 };
const twelveCharacters =
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'twelve chars' } });

describe.each(dialects)('a caller of %s', (caller) => {
  test('whose stream breaks off used the input that was counted, and the output that came', async () => {
    router.upstream.tell({ body: [startWith(counted) + twelveCharacters], cut: true });
    const response = await ask(caller);
    await response.text();

    expect(await router.row(response)).toMatchObject({ status: 502, input_tokens: 1230, output_tokens: 3, total_tokens: 1233 });
  });

  test('who leaves used the input that was counted, and the output that came', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    router.upstream.tell({ body: [startWith(counted) + twelveCharacters, ''], gate });
    const response = await ask(caller);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();

    expect(await router.row(response)).toMatchObject({ status: 499, input_tokens: 1230, output_tokens: 3, total_tokens: 1233 });
    open();
  });

  test('whose stream comes to its end used what was counted there', async () => {
    const end = event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 40, output_tokens: 9 } });
    router.upstream.tell({ body: [startWith(counted) + twelveCharacters, end + event('message_stop', {})] });
    const response = await ask(caller);
    await response.text();

    expect(await router.row(response)).toMatchObject({ status: 200, input_tokens: 270, output_tokens: 9 });
  });

  test.each([{}, { input_tokens: 0, output_tokens: 0 }, { input_tokens: -5 }])(
    'whose stream breaks off is taken to have sent what can be guessed when nobody counted: %j',
    async (usage) => {
      router.upstream.tell({ body: [startWith(usage) + twelveCharacters], cut: true });
      const response = await ask(caller);
      await response.text();

      expect(await router.row(response)).toMatchObject({ status: 502, input_tokens: 1, output_tokens: 3 });
    },
  );
});

test('what a target counted that broke off before its answer is not what the next one used', async () => {
  const broken = await startToldUpstream();
  broken.tell({ body: [`${startWith(counted)}${twelveCharacters}data: 1\n\n`] });
  const usual = await startToldUpstream();
  const words = { choices: [{ index: 0, delta: { content: 'four' }, finish_reason: 'stop' }] };
  usual.tell({ body: [`data: ${JSON.stringify(words)}\n\ndata: [DONE]\n\n`] });
  const provider = (url: string, dialect: DialectName) => ({ base_url: `${url}/v1`, dialect, models: { it: { model: 'm' } } });
  const two = await startDialectRouter(
    {},
    {},
    {
      providers: { broken: provider(broken.url, 'anthropic-messages'), usual: provider(usual.url, 'openai-chat') },
      models: { two: { strategy: 'failover', targets: ['broken', 'usual'].map((name) => ({ provider: name, model_ref: 'it' })) } },
    },
  );
  onTestFinished(async () => {
    await two.stop();
    await broken.stop();
    await usual.stop();
  });
  const response = await two.ask('openai-chat', { model: 'two', ...bodies['openai-chat'], stream: true });
  await response.text();

  expect(await two.row(response)).toMatchObject({ status: 200, attempts: 2, input_tokens: 1, output_tokens: 1 });
});
