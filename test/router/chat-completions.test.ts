import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type StartedRouter, startRouter, streamData, tokens } from './started-router.js';

let router: StartedRouter;

beforeAll(async () => {
  router = await startRouter({ models: { small: 'echo-1', slow: 'pieces-60000', uncounted: 'no-usage' } });
});
afterAll(async () => router.stop());

interface Chunk {
  readonly object: string;
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: unknown;
}

test.each([
  ['codex_cli_rs/0.98.0 (Debian 12; x86_64) unknown', 'codex_cli_rs/0.98.0'],
  ['OpenAI/JS 6.1.0', 'OpenAI/JS'],
  ['claude-cli/2.1.0 (external, cli)', 'claude-cli/2.1.0'],
  ['sk-a-key-that-somebody-took-for-a-name-and-that-is-long', ''],
  ['tool/sk-a-key-where-a-version-belongs', ''],
  ['tool/1.0;key', ''],
  ['7c6f-some-number', ''],
  ['(nothing but a comment)', ''],
])('the row of a client that calls itself %j has its product only', async (named, client) => {
  const answer = await router.chat(ask('hi'), { headers: { 'user-agent': named } });
  await answer.text();

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ client });
});

test('a plain answer is a chat completion with usage, and leaves a row with its prices', async () => {
  const answer = await router.chat(ask('reply with exactly: PONG'), { headers: { 'x-router-client': 'unit' } });
  const body = (await answer.json()) as { choices: unknown; usage: unknown };

  expect(body.choices).toEqual([{ index: 0, message: { role: 'assistant', content: 'PONG' }, finish_reason: 'stop' }]);
  expect(body.usage).toEqual({ prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 });
  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({
    caller_id: 'everyone',
    token_id: 'tok_all',
    client: 'unit',
    inbound_dialect: 'openai-chat',
    requested_model: 'small',
    resolved_group: 'small',
    strategy: 'static',
    target_provider: 'primary',
    target_model: 'echo-1',
    target_dialect: 'openai-chat',
    stream: 0,
    status: 200,
    attempts: 1,
    input_tokens: 8,
    output_tokens: 2,
    total_tokens: 10,
    input_price_per_million_usd: 2,
    output_price_per_million_usd: 8,
    input_cost_usd: 0.000016,
    output_cost_usd: 0.000016,
    total_cost_usd: 0.000032,
    router_version: '1.0.0',
    router_build_date: '2026-01-01T00:00:00Z',
    error: null,
  });
});

test('a stream begins with the role, goes on with content, ends with a reason, usage when asked, and the marker', async () => {
  const answer = await router.chat(ask('reply with exactly: PONG', { stream: true, stream_options: { include_usage: true } }));
  const data = await streamData(answer);
  const chunks = data.slice(0, -1).map((text) => JSON.parse(text) as Chunk);

  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(data.at(-1)).toBe('[DONE]');
  expect(chunks.every(({ object }) => object === 'chat.completion.chunk')).toBe(true);
  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('PONG');
  expect(chunks.filter(({ choices }) => (choices[0]?.delta.content ?? '') !== '').length).toBeGreaterThan(1);
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 } });
});

test('a stream that did not ask for usage shows none and still leaves the same tokens and cost as a plain answer', async () => {
  const plain = await router.chat(ask('count me the same'));
  await plain.text();
  const streamed = await router.chat(ask('count me the same', { stream: true }));
  const data = await streamData(streamed);

  expect(data.join('')).not.toContain('usage');
  expect(data.at(-1)).toBe('[DONE]');
  const [one, two] = await Promise.all([plain, streamed].map(({ headers }) => router.row(headers.get('x-request-id'))));
  const money = ({ input_tokens, output_tokens, total_tokens, total_cost_usd }: NonNullable<typeof one>) => [
    input_tokens,
    output_tokens,
    total_tokens,
    total_cost_usd,
  ];
  expect(one && two && money(two)).toEqual(one && money(one));
  expect(two).toMatchObject({ stream: 1, status: 200, error: null });
});

test.each([false, true])('tokens are estimated when the upstream reports none (stream: %s)', async (stream) => {
  const answer = await router.chat(ask('reply with exactly: 12345678', { model: 'uncounted', stream }));
  await answer.text();

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ input_tokens: 7, output_tokens: 2, total_tokens: 9 });
});

test('fields that the router does not know are passed on', async () => {
  const answer = await router.chat(ask('a question with a long answer', { max_tokens: 2 }));

  expect(await answer.json()).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 2 } });
});

test('a caller who leaves in the middle of a stream cancels the upstream, and the row says so', async () => {
  const leaving = new AbortController();
  const answer = await router.chat(ask('a long tale', { model: 'slow', stream: true }), { signal: leaving.signal });
  const reader = answer.body?.getReader();
  await reader?.read();
  expect(router.upstream.counters.inFlight).toBe(1);
  leaving.abort();

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ status: 499, error: 'client-canceled', stream: 1 });
  while (router.upstream.counters.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(router.upstream.counters.canceled).toBe(1);
});

test('a refused request of a known caller leaves a row without the name that was asked for', async () => {
  const answer = await router.chat(ask('hi', { model: 'secret-project-x' }), { token: tokens.all });
  await answer.text();

  const row = await router.row(answer.headers.get('x-request-id'));
  expect(row).toMatchObject({ status: 403, error: 'model-not-found', requested_model: 'rejected_model', attempts: 0, total_cost_usd: 0 });
  expect(JSON.stringify(row)).not.toContain('secret-project-x');
});
