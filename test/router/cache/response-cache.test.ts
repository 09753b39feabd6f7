import { readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { cacheKey, ResponseCache } from '../../../src/router/cache/response-cache.js';
import { startDialectRouter } from '../dialects/dialect-router.js';
import { limited, limitedRouter } from '../limits/limited-router.js';
import { ask, tokens } from '../started-router.js';

const on = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ cache: { enabled: true, ...more } });

test('the same question twice is answered once by the upstream, word for word, and only the first one costs', async () => {
  const router = await limitedRouter({}, { config: on() });
  const first = await router.chat(ask('what is 2 + 2'));
  const second = await router.chat(ask('what is 2 + 2'));

  expect(await second.text()).toBe(await first.text());
  expect(router.upstream.counters.requests).toBe(1);
  const [miss, hit] = await Promise.all([first, second].map(({ headers }) => router.row(headers.get('x-request-id'))));
  expect(miss).toMatchObject({ cache: 'miss', attempts: 1, cache_enabled: 1, status: 200 });
  expect(hit).toMatchObject({
    cache: 'hit',
    attempts: 0,
    total_tokens: 0,
    total_cost_usd: 0,
    status: 200,
    cache_items: 1,
    target_provider: '',
  });
  expect(hit?.cache_bytes).toBeGreaterThan(100);
  expect(router.table('request_trace_events', hit?.request_id ?? '').map(({ event }) => event)).toContain('cache_hit');
  expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
});

test.each([
  ['another question', ask('other'), tokens.all],
  ['another member', ask('what is 2 + 2', { temperature: 0.5 }), tokens.all],
  ['another caller', ask('what is 2 + 2'), limited],
])('%s is not answered by what was kept', async (_, body, token) => {
  const router = await limitedRouter({}, { config: on() });
  await (await router.chat(ask('what is 2 + 2'))).text();
  const answer = await router.chat(body, { token });

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ cache: 'miss' });
  expect(router.upstream.counters.requests).toBe(2);
});

test.each([
  ['a stream', { stream: true }, {}, {}],
  ['a request that says no-cache', {}, { 'cache-control': 'no-cache' }, {}],
  ['a request that says no-store', {}, { 'cache-control': 'max-age=0, No-Store' }, {}],
  ['a router whose cache is off', {}, {}, { cache: { enabled: false } }],
])('%s goes by the cache', async (_, more, headers, config) => {
  const router = await limitedRouter({}, { config: { ...on(), ...config } });
  for (let times = 0; times < 2; times += 1) {
    const answer = await router.chat(ask('what is 2 + 2', more), { headers });
    await answer.text();
    expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ cache: 'bypass', attempts: 1 });
  }

  expect(router.upstream.counters.requests).toBe(2);
});

test('a group that is not to be cached is not', async () => {
  const models = { small: { cache: false, targets: [{ provider: 'primary', model_ref: 'small' }] } };
  const router = await limitedRouter({}, { models: { small: 'echo-1' }, config: { ...on(), models } });
  await (await router.chat(ask('hi'))).text();
  await (await router.chat(ask('hi'))).text();

  expect(router.upstream.counters.requests).toBe(2);
});

test('what a provider is sent beside the body keeps answers apart', async () => {
  const router = await startDialectRouter({}, {}, on());
  onTestFinished(() => router.stop());
  const body = { model: 'anthropic-messages', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
  const answer = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'yes' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  router.upstream.tell({ body: JSON.stringify(answer) });
  const askWith = async (beta: string): Promise<void> => {
    expect((await router.ask('anthropic-messages', body, { 'anthropic-beta': beta })).status).toBe(200);
  };
  await askWith('feature-a');
  await askWith('feature-b');
  await askWith('feature-a');

  expect(router.upstream.asked.length).toBe(2);
});

test('an answer of a target that a reload put another in the place of is not given any more', async () => {
  const router = await limitedRouter({}, { config: on() });
  await (await router.chat(ask('what is 2 + 2'))).text();
  writeFileSync(router.configPath, readFileSync(router.configPath, 'utf8').replace(/("base_url": "[^"]*)\/v1"/, '$1/other/v1"'));
  await router.reload();
  const answer = await router.chat(ask('what is 2 + 2'));
  await answer.text();

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ cache: 'miss' });
});

test('an answer from the cache says what its translation left out, like the first one', async () => {
  const router = await startDialectRouter({}, {}, on());
  onTestFinished(() => router.stop());
  const completion = { choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }] };
  router.upstream.tell({ body: JSON.stringify(completion) });
  const asked = { model: 'openai-chat', max_tokens: 9, top_k: 3, messages: [{ role: 'user', content: 'hi' }] };
  const warnings: (string | null)[] = [];
  for (let times = 0; times < 2; times += 1)
    warnings.push((await router.ask('anthropic-messages', asked)).headers.get('x-reference-router-warning'));

  expect(router.upstream.asked.length).toBe(1);
  expect(warnings).toEqual([expect.stringContaining('left out in translation: '), warnings[0]]);
});

test('a failure is not kept', async () => {
  const router = await limitedRouter({}, { config: on() });
  router.upstream.setFaults([{ status: 500, times: 1 }]);
  expect((await router.chat(ask('hi'))).status).toBe(502);

  expect((await router.chat(ask('hi'))).status).toBe(200);
});

test('an answer is kept for its time and not longer', async () => {
  const router = await limitedRouter({}, { config: on({ ttl_ms: 600 }) });
  await (await router.chat(ask('hi'))).text();
  await (await router.chat(ask('hi'))).text();
  expect(router.upstream.counters.requests).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 650));
  await (await router.chat(ask('hi'))).text();

  expect(router.upstream.counters.requests).toBe(2);
});

test('the cache stays within its bytes, lets the longest unused go first, and takes in nothing that is larger than itself', () => {
  const cache = new ResponseCache({ enabled: true, maxBytes: 3 * (1000 + 256), ttlMs: 1000 }, () => 0);
  const answer = { bytes: Buffer.alloc(1000), leftOut: null };
  for (const key of ['a', 'b', 'c']) cache.put(key, answer);
  expect(cache.get('a')).not.toBeNull();
  cache.put('d', answer);

  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== null)).toEqual([true, false, true, true]);
  cache.put('huge', { bytes: Buffer.alloc(4000), leftOut: null });
  expect(cache.get('huge')).toBeNull();
  cache.put('a', { bytes: Buffer.alloc(10), leftOut: null });
  expect(cache.stamp()).toEqual({
    cache_enabled: 1,
    cache_items: 3,
    cache_bytes: 2 * 1256 + 266,
    cache_max_bytes: 3768,
    cache_occupancy_pct: 73.7,
  });
});

test('an entry that is over takes no more room once it was asked for', () => {
  let nowMs = 0;
  const cache = new ResponseCache({ enabled: true, maxBytes: 10_000, ttlMs: 1000 }, () => nowMs);
  cache.put('a', { bytes: Buffer.alloc(10), leftOut: null });
  nowMs = 1000;

  expect(cache.get('a')).toBeNull();
  expect(cache.stamp()).toMatchObject({ cache_items: 0, cache_bytes: 0 });
});

test('a key is made of every part, and no two parts can be mistaken for each other', () => {
  const parts = { caller: 'a', dialect: 'b', fingerprint: 'c', body: 'd' };
  const keys = [
    parts,
    { ...parts, caller: 'x' },
    { ...parts, dialect: 'x' },
    { ...parts, fingerprint: 'x' },
    { ...parts, body: 'x' },
    { ...parts, caller: 'a","b', dialect: '' },
  ].map(cacheKey);

  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.join('')).not.toContain('"');
});
