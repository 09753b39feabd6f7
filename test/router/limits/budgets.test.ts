import { expect, test } from 'vitest';
import { ask, type StartedRouter, tokens } from '../started-router.js';
import { limited, limitedRouter, type Outcome, outcomeOf } from './limited-router.js';
import { setClock } from './set-clock.js';

const chat = async (router: StartedRouter, more: Record<string, unknown> = {}): Promise<Outcome> =>
  outcomeOf(await router.chat(ask('reply with exactly: PONG', more), { token: limited }));

test.each([
  ['day', '2026-11-20T23:59:58.500Z', '2', '2026-11-21T00:00:00.000Z'],
  ['day', '2026-11-20T12:00:00.000Z', '3600', '2026-11-21T00:00:00.000Z'],
  ['month', '2026-12-31T23:00:01.000Z', '3599', '2027-01-01T00:00:00.000Z'],
  ['month', '2028-02-28T23:59:59.000Z', '3600', '2028-03-01T00:00:00.000Z'],
])(
  'a budget of requests for a %s that is used up at %s says to come back after %s s and begins anew at %s',
  async (bucket, time, retryAfter, end) => {
    const clock = setClock(time);
    const router = await limitedRouter({ budget: { [bucket]: { requests: 2 } } }, { clock });
    expect([(await chat(router)).status, (await chat(router)).status]).toEqual([200, 200]);

    expect(await chat(router)).toMatchObject({
      status: 429,
      code: 'quota-exhausted',
      retryAfter,
      details: { bucket, unit: 'requests', retry_after_seconds: Number(retryAfter) },
    });
    clock.forward(Date.parse(end) - Date.parse(time) - 1);
    expect((await chat(router)).code).toBe('quota-exhausted');
    clock.forward(1);
    expect((await chat(router)).status).toBe(200);
    expect(router.upstream.counters.requests).toBe(3);
  },
);

test('each of several answers is set aside with the cap of its own', async () => {
  const router = await limitedRouter({ budget: { day: { tokens: 400 } } });

  expect((await chat(router, { n: 3, max_tokens: 100 })).status).toBe(200);
  expect(await chat(router, { n: 4, max_tokens: 100 })).toMatchObject({ code: 'quota-exhausted', details: { unit: 'tokens' } });
});

test('the end of a day gives a daily budget anew and leaves the month and the lifetime as they are', async () => {
  const clock = setClock('2026-11-20T23:59:00Z');
  const router = await limitedRouter({ budget: { day: { requests: 1 }, month: { requests: 2 }, lifetime: { requests: 3 } } }, { clock });
  const nextDay = (): void => clock.forward(86_400_000);
  expect((await chat(router)).status).toBe(200);
  nextDay();
  expect((await chat(router)).status).toBe(200);
  nextDay();
  expect((await chat(router)).details).toMatchObject({ bucket: 'month' });
  for (let days = 0; days < 10; days += 1) nextDay();
  expect((await chat(router)).status).toBe(200);
  expect(await chat(router)).toMatchObject({ status: 403, code: 'key-exhausted', details: { bucket: 'lifetime', unit: 'requests' } });
});

test('a clock that is set back gives no budget anew', async () => {
  const clock = setClock('2026-11-20T12:00:00Z');
  const router = await limitedRouter({ budget: { day: { requests: 1 } } }, { clock });
  await chat(router);
  clock.setWall('2026-11-19T12:00:00Z');

  expect((await chat(router)).code).toBe('quota-exhausted');
});

test('a clock that jumps ahead and back gives no budget anew, neither where it was nor where it had jumped to', async () => {
  const clock = setClock('2026-11-20T12:00:00Z');
  const router = await limitedRouter({ budget: { day: { requests: 2 }, month: { requests: 4 } } }, { clock });
  await chat(router);
  await chat(router);
  clock.setWall('2026-12-02T12:00:00Z');
  expect((await chat(router)).status).toBe(200);
  clock.setWall('2026-11-20T12:00:30Z');
  expect(await chat(router)).toMatchObject({ code: 'quota-exhausted', details: { bucket: 'day' } });

  clock.setWall('2026-12-02T12:00:30Z');
  expect((await chat(router)).status).toBe(200);
  expect(await chat(router)).toMatchObject({ code: 'quota-exhausted', details: { bucket: 'day' } });
});

test.each(['day', 'month'])('tokens of a %s are set aside before and counted as used after', async (bucket) => {
  const router = await limitedRouter({ budget: { [bucket]: { tokens: 120 } } }, { clock: setClock('2026-11-20T12:00:00Z') });
  router.upstream.setFaults([{ delayMs: 150, times: 3 }]);
  // Each sets 6 + 44 tokens aside and uses 10.
  const outcomes = await Promise.all([1, 2, 3].map(() => chat(router, { max_tokens: 44 })));
  expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
  // What stands in the way may be over in a moment.
  expect(outcomes.find(({ status }) => status === 429)).toMatchObject({
    code: 'quota-exhausted',
    retryAfter: '1',
    details: { bucket, unit: 'tokens', retry_after_seconds: 1 },
  });

  expect((await chat(router, { max_tokens: 95 })).code).toBe('quota-exhausted');
  expect((await chat(router, { max_tokens: 94 })).status).toBe(200);
  expect(await chat(router, { max_tokens: 115 })).toMatchObject({ code: 'quota-exhausted', retryAfter: null });
});

test('a budget in US dollars counts what requests cost, at the price of the dearest target that may answer', async () => {
  const router = await limitedRouter({ budget: { day: { cost_usd: 0.001 } } }, { clock: setClock('2026-11-20T12:00:00Z') });
  // 6 tokens at 2 and 124 at 8 dollars a million are 0.001004 dollars; one token less fits.
  expect(await chat(router, { max_tokens: 124 })).toMatchObject({
    status: 429,
    code: 'quota-exhausted',
    retryAfter: null,
    details: { bucket: 'day', unit: 'cost_usd', retry_after_seconds: null },
  });
  expect((await chat(router, { max_tokens: 123 })).status).toBe(200);
  // It cost 0.000032, so that 0.000968 are left.
  expect(await chat(router, { max_tokens: 120 })).toMatchObject({ code: 'quota-exhausted', retryAfter: '3600' });
  expect((await chat(router, { max_tokens: 119 })).status).toBe(200);
});

test.each([
  ['requests', { requests: 1 }],
  ['tokens', { tokens: 6 + 94 }],
  ['cost_usd', { cost_usd: 0.0008 }],
])('a lifetime budget whose rest in %s has no room for a request refuses the key', async (unit, lifetime) => {
  const router = await limitedRouter({ budget: { lifetime } }, { clock: setClock('2026-11-20T12:00:00Z') });
  expect((await chat(router, { max_tokens: 94 })).status).toBe(200);
  const refused = await router.chat(ask('reply with exactly: PONG', { max_tokens: 119 }), { token: limited });

  expect(await outcomeOf(refused)).toMatchObject({
    status: 403,
    code: 'key-exhausted',
    retryAfter: null,
    details: { bucket: 'lifetime', unit },
  });
  expect(await router.row(refused.headers.get('x-request-id'))).toMatchObject({ key_state: 'exhausted', quota_state: 'ok', attempts: 0 });
});

test('a lifetime that is used up refuses the key before anything else, the cache included', async () => {
  const router = await limitedRouter({ budget: { lifetime: { tokens: 10 } }, rate: { rpm: 1 } }, { config: { cache: { enabled: true } } });
  expect((await chat(router, { max_tokens: 4 })).status).toBe(200);

  expect(await chat(router, { max_tokens: 4 })).toMatchObject({
    status: 403,
    code: 'key-exhausted',
    details: { retry_after_seconds: null },
  });
  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ key: { remaining_tokens: 0, exhausted: true } });
});

test('a budget of nothing lets nothing through', async () => {
  const router = await limitedRouter({ budget: { day: { requests: 0 } } });

  expect((await chat(router)).code).toBe('quota-exhausted');
  expect(router.upstream.counters.requests).toBe(0);
});

test('a request that reached no upstream counts nowhere', async () => {
  const budget = { requests: 1, tokens: 110, cost_usd: 1 };
  const router = await limitedRouter({ rate: { rpm: 1, tpm: 110 }, budget: { day: budget, lifetime: budget } });
  const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }];
  expect((await chat(router, { messages: image, max_tokens: 90 })).code).toBe('no-eligible-target');
  expect((await chat(router, { max_tokens: 4000 })).code).toBe('tpm-exceeded');

  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({
    day: { requests: 0, tokens: 0, cost_usd: 0 },
    open_requests: 0,
  });
  expect((await chat(router, { max_tokens: 94 })).status).toBe(200);
});

test('a request that an upstream failed counts as a request, with no tokens and no money', async () => {
  const router = await limitedRouter({ budget: { day: { requests: 2, tokens: 110 } } });
  router.upstream.setFaults([{ status: 500, times: 1 }]);
  expect((await chat(router, { max_tokens: 94 })).status).toBe(502);

  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ day: { requests: 1, tokens: 0, cost_usd: 0 } });
  expect((await chat(router, { max_tokens: 94 })).status).toBe(200);
  expect((await chat(router, { max_tokens: 94 })).details).toMatchObject({ unit: 'requests' });
});

test('an answer from the cache uses up no tokens, no money and no budget of requests', async () => {
  const router = await limitedRouter(
    { budget: { day: { requests: 5, tokens: 105 } } },
    { config: { cache: { enabled: true } }, clock: setClock('2026-11-20T12:00:00Z') },
  );
  const outcomes = [await chat(router, { max_tokens: 94 }), await chat(router, { max_tokens: 94 }), await chat(router, { max_tokens: 94 })];

  expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(router.upstream.counters.requests).toBe(1);
  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ day: { requests: 1, tokens: 10, cost_usd: 0.000032 } });
});

test('answers near the end of a budget carry a warning that names it, and their rows say so', async () => {
  const clock = setClock('2026-11-20T12:00:00Z');
  const budget = { day: { requests: 4, tokens: 1000 }, lifetime: { tokens: 1000, cost_usd: 0.0001 }, soft_pct: 60 };
  const router = await limitedRouter({ budget }, { clock });
  const warnings = [];
  let last = null;
  for (let requests = 0; requests < 3; requests += 1) {
    const answer = await router.chat(ask('reply with exactly: PONG', { max_tokens: 2 }), { token: limited });
    last = answer.headers.get('x-request-id');
    warnings.push((await outcomeOf(answer)).warning);
  }

  // Requests count themselves; tokens and money count when they are known.
  expect(warnings).toEqual([null, null, 'day-requests 75%; lifetime-cost 64%']);
  expect(await router.row(last)).toMatchObject({ quota_state: 'soft', key_state: 'soft' });
  expect((await router.chat(ask('hi'), { token: tokens.all })).headers.get('x-reference-router-warning')).toBeNull();
});

test('streams warn too, and cost a budget the same as plain answers', async () => {
  const router = await limitedRouter({ budget: { day: { requests: 1 }, soft_pct: 100 } });
  const answer = await router.chat(ask('reply with exactly: PONG', { stream: true }), { token: limited });
  await answer.text();

  expect(answer.headers.get('x-reference-router-warning')).toBe('day-requests 100%');
  await router.row(answer.headers.get('x-request-id'));
  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ day: { tokens: 10, cost_usd: 0.000032 } });
});
