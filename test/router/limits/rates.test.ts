import { expect, test } from 'vitest';
import { ask, type StartedRouter, streamData, tokens } from '../started-router.js';
import { limited, limitedRouter, type Outcome, outcomeOf, until } from './limited-router.js';
import { setClock } from './set-clock.js';

const noon = '2026-11-20T12:00:00.100Z';
const chat = async (router: StartedRouter, more: Record<string, unknown> = {}): Promise<Outcome> =>
  outcomeOf(await router.chat(ask('reply with exactly: PONG', more), { token: limited }));

test('of many requests at once exactly as many as the rate allows reach the upstream, and the rest hear when to come back', async () => {
  const clock = setClock(noon);
  const router = await limitedRouter({ rate: { rpm: 5 } }, { clock });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => chat(router)));

  expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(router.upstream.counters.requests).toBe(5);
  const refused = outcomes.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status, code, retryAfter }) => `${status} ${code} ${retryAfter}`))).toEqual(
    new Set(['429 rpm-exceeded 61']),
  );
  expect(refused[0]?.details).toEqual({ bucket: 'minute', unit: 'requests', retry_after_seconds: 61 });
});

test('a request is let through again when the Retry-After of the refusal is over, and not a second earlier', async () => {
  const clock = setClock(noon);
  const router = await limitedRouter({ rate: { rpm: 2 } }, { clock });
  await chat(router);
  clock.forward(20_000);
  await chat(router);
  const refused = await chat(router);
  expect(refused.retryAfter).toBe('41');

  clock.forward((Number(refused.retryAfter) - 1) * 1000);
  expect((await chat(router)).code).toBe('rpm-exceeded');
  clock.forward(1000);
  expect((await chat(router)).status).toBe(200);
  expect((await chat(router)).code).toBe('rpm-exceeded');
});

test('one caller at its limit takes nothing from another', async () => {
  const router = await limitedRouter({ rate: { rpm: 1 } });
  await chat(router);

  expect((await chat(router)).code).toBe('rpm-exceeded');
  expect((await router.chat(ask('hi'), { token: tokens.all })).status).toBe(200);
});

test('a refusal leaves a row, a trace and an error, and asks no upstream', async () => {
  const router = await limitedRouter({ rate: { rpm: 1 } });
  await chat(router);
  const answer = await router.chat(ask('hi'), { token: limited });
  await answer.text();
  const id = answer.headers.get('x-request-id');

  expect(await router.row(id)).toMatchObject({ status: 429, error: 'rpm-exceeded', attempts: 0, total_tokens: 0, total_cost_usd: 0 });
  expect(router.table('request_trace_events', id).map(({ event }) => event)).toEqual([
    'request_accepted',
    'admission_rejected',
    'request_error',
    'request_end',
  ]);
  expect(router.table('request_errors', id)).toMatchObject([{ status: 429, error_type: 'rpm-exceeded', attempts: 0 }]);
});

test('tokens that requests in flight may use count before they are used, and what was not used is given back', async () => {
  const clock = setClock(noon);
  const router = await limitedRouter({ rate: { tpm: 250 } }, { clock });
  router.upstream.setFaults([{ delayMs: 200 }]);
  // Each sets 6 + 94 tokens aside and uses 10.
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => chat(router, { max_tokens: 94 })));
  expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429, 429]);
  expect(outcomes.find(({ status }) => status === 429)).toMatchObject({
    code: 'tpm-exceeded',
    retryAfter: '61',
    details: { bucket: 'minute', unit: 'tokens', retry_after_seconds: 61 },
  });

  router.upstream.setFaults([]);
  expect((await chat(router, { max_tokens: 224 })).status).toBe(200);
  expect((await chat(router, { max_tokens: 215 })).code).toBe('tpm-exceeded');
  clock.forward(61_000);
  expect((await chat(router, { max_tokens: 244 })).status).toBe(200);
});

test('a request that alone may use more tokens than the rate has is told so, without a time that would not help', async () => {
  const router = await limitedRouter({ rate: { tpm: 100 } });

  expect(await chat(router)).toMatchObject({
    status: 429,
    code: 'tpm-exceeded',
    retryAfter: null,
    details: { bucket: 'minute', retry_after_seconds: null },
  });
});

test('no more requests are open than may be, streams included, and the end of one makes room', async () => {
  const router = await limitedRouter({ rate: { concurrent: 2 } }, { models: { small: 'pieces-60000' } });
  const leaving = new AbortController();
  const open = await Promise.all(
    [leaving.signal, leaving.signal].map((signal) => router.chat(ask('a tale', { stream: true }), { token: limited, signal })),
  );
  expect(open.map(({ status }) => status)).toEqual([200, 200]);

  expect(await chat(router)).toMatchObject({
    status: 429,
    code: 'concurrency-exceeded',
    retryAfter: '1',
    details: { bucket: 'open', unit: 'requests', retry_after_seconds: 1 },
  });
  leaving.abort();
  await until(() => router.upstream.counters.inFlight === 0);
  expect((await chat(router)).status).toBe(200);
});

test.each([
  ['a refusal by the upstream', { status: 400 }, {}],
  ['a failure of the upstream', { status: 500 }, {}],
  ['a stream that breaks off', { cut: 1 }, { stream: true }],
])('%s ends its part in what is open', async (_, fault, more) => {
  const router = await limitedRouter({ rate: { concurrent: 1 } });
  router.upstream.setFaults([{ ...fault, times: 1 }]);
  await (await router.chat(ask('a tale of many words', more), { token: limited })).text();

  expect((await chat(router)).status).toBe(200);
});

test('a burst is let through at the rate of the shape, the wait is in the row, and who would wait too long is refused', async () => {
  const clock = setClock(noon);
  const router = await limitedRouter({ shape: { requests_per_second: 1, burst: 2, max_wait_ms: 2000 } }, { clock });
  let answered = 0;
  const answers = Array.from({ length: 6 }, async () => {
    const answer = await router.chat(ask('hi'), { token: limited });
    answered += 1;
    return answer;
  });
  await until(() => answered === 4 && clock.sleepers === 2);
  clock.forward(1000);
  await until(() => answered === 5);
  expect(router.upstream.counters.requests).toBe(3);
  clock.forward(1000);
  const all = await Promise.all(answers);
  const outcomes = await Promise.all(all.map(outcomeOf));

  expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 429, 429]);
  expect(outcomes.find(({ status }) => status === 429)).toMatchObject({
    code: 'traffic-shaped',
    retryAfter: '1',
    details: { bucket: 'shape', unit: 'requests', retry_after_seconds: 1 },
  });
  const rows = await Promise.all(all.map(({ headers }) => router.row(headers.get('x-request-id'))));
  expect(rows.map((row) => `${row.traffic_shape_state} ${row.traffic_shape_wait_ms}`).sort()).toEqual([
    'none 0',
    'none 0',
    'queued 1000',
    'queued 2000',
    'rejected 0',
    'rejected 0',
  ]);
});

test('a client that leaves while its request waits for its turn asks no upstream and holds nothing', async () => {
  const clock = setClock(noon);
  const router = await limitedRouter({ shape: { requests_per_second: 1, max_wait_ms: 60_000 }, rate: { concurrent: 1 } }, { clock });
  await chat(router);
  const leaving = new AbortController();
  const waiting = router.chat(ask('hi'), { token: limited, signal: leaving.signal }).catch(() => null);
  await until(() => clock.sleepers === 1);
  leaving.abort();
  await waiting;
  await until(() => clock.sleepers === 0);
  clock.forward(2000);

  expect((await chat(router)).status).toBe(200);
  expect(router.upstream.counters.requests).toBe(2);
});

test('a client that leaves while it waits by the real clock is let go at once', async () => {
  const router = await limitedRouter({ shape: { requests_per_second: 0.01, max_wait_ms: 200_000 } });
  await chat(router);
  const leaving = new AbortController();
  const waiting = router.chat(ask('hi'), { token: limited, signal: leaving.signal }).catch(() => null);
  await new Promise((resolve) => setTimeout(resolve, 100));
  leaving.abort();
  await waiting;
  await until(() => router.rows().length === 2);

  expect(router.rows()[1]).toMatchObject({ status: 499, error: 'client-canceled', attempts: 0, traffic_shape_state: 'queued' });
  expect(router.rows()[1]?.traffic_shape_wait_ms).toBeGreaterThan(0);
});

test('requests that were left while they waited take no turn from the next one, and their rows say how long they waited', async () => {
  const clock = setClock(noon);
  const router = await limitedRouter({ shape: { requests_per_second: 2, max_wait_ms: 60_000 } }, { clock });
  await chat(router);
  for (let left = 1; left <= 4; left += 1) {
    const leaving = new AbortController();
    const waiting = router.chat(ask('hi'), { token: limited, signal: leaving.signal }).catch(() => null);
    await until(() => clock.sleepers === 1);
    clock.forward(50);
    leaving.abort();
    await waiting;
    await until(() => clock.sleepers === 0);
  }
  const next = chat(router);
  await until(() => clock.sleepers === 1);
  clock.forward(300);
  expect((await next).status).toBe(200);
  await until(() => router.rows().length === 6);

  const rows = router.rows().map((row) => `${row.status} ${row.traffic_shape_state} ${row.traffic_shape_wait_ms}`);
  expect(rows.sort()).toEqual(['200 none 0', '200 queued 300', ...Array<string>(4).fill('499 queued 50')]);
});

test('a turn that is given back before others is the next request’s, and the others keep theirs', async () => {
  const clock = setClock(noon);
  const router = await limitedRouter({ shape: { requests_per_second: 1, max_wait_ms: 60_000 } }, { clock });
  await chat(router);
  const leaving = new AbortController();
  const first = router.chat(ask('hi'), { token: limited, signal: leaving.signal }).catch(() => null);
  await until(() => clock.sleepers === 1);
  const second = chat(router);
  await until(() => clock.sleepers === 2);
  leaving.abort();
  await first;
  await until(() => clock.sleepers === 1);
  const third = chat(router);
  await until(() => clock.sleepers === 2);
  clock.forward(1000);
  expect((await third).status).toBe(200);
  expect(clock.sleepers).toBe(1);
  clock.forward(1000);
  expect((await second).status).toBe(200);
});

test('a limit that refuses a stream answers plain JSON of the dialect', async () => {
  const router = await limitedRouter({ rate: { rpm: 1 } });
  expect((await streamData(await router.chat(ask('hi', { stream: true }), { token: limited }))).at(-1)).toBe('[DONE]');
  const refused = await router.chat(ask('hi', { stream: true }), { token: limited });

  expect(refused.headers.get('content-type')).toContain('application/json');
  expect((await outcomeOf(refused)).code).toBe('rpm-exceeded');
});
