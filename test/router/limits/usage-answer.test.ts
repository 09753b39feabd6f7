import { expect, test } from 'vitest';
import { ask, tokens } from '../started-router.js';
import { limited, limitedRouter, until } from './limited-router.js';
import { setClock } from './set-clock.js';

test('a caller sees who it is, what it used in each period, what is left, and its limits', async () => {
  const router = await limitedRouter(
    {
      rate: { rpm: 60, tpm: 10_000, concurrent: 3 },
      shape: { requests_per_second: 10, burst: 2 },
      budget: { day: { requests: 10 }, month: { tokens: 5000, cost_usd: 1.5 }, lifetime: { tokens: 9000 } },
    },
    { clock: setClock('2026-11-20T12:00:00Z') },
  );
  await (await router.chat(ask('reply with exactly: PONG'), { token: limited })).text();
  const answer = await router.get('/v1/usage', limited);

  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      caller_id: 'limited',
      caller_user: 'lee',
      caller_project: 'atlas',
      caller_environment: 'test',
      day: { period: '2026-11-20', requests: 1, tokens: 10, cost_usd: 0.000032, limits: { requests: 10, tokens: null, cost_usd: null } },
      month: { period: '2026-11', requests: 1, tokens: 10, cost_usd: 0.000032, limits: { requests: null, tokens: 5000, cost_usd: 1.5 } },
      key: {
        lifetime_requests: 1,
        lifetime_tokens: 10,
        lifetime_cost_usd: 0.000032,
        remaining_tokens: 8990,
        exhausted: false,
        configured_budget: 9000,
        limits: { requests: null, tokens: 9000, cost_usd: null },
      },
      open_requests: 0,
      limits: { rpm: 60, tpm: 10_000, concurrent: 3, shape: { requests_per_second: 10, burst: 2, max_wait_ms: 1000 }, soft_pct: 80 },
    },
  ]);
});

test('a caller without limits has its use counted too, and sees nothing of others', async () => {
  const router = await limitedRouter({});
  await (await router.chat(ask('reply with exactly: PONG'), { token: tokens.all })).text();

  expect(await (await router.get('/v1/usage', tokens.all)).json()).toMatchObject({
    caller_id: 'free',
    day: { requests: 1, tokens: 10, limits: { requests: null } },
    key: { remaining_tokens: null, exhausted: false, configured_budget: null },
    limits: { rpm: null, tpm: null, concurrent: null, shape: null },
  });
  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ caller_id: 'limited', day: { requests: 0 } });
});

test('a request that is open is seen as one, and asking for the usage counts as none', async () => {
  const router = await limitedRouter({ rate: { rpm: 1 } }, { models: { small: 'pieces-60000' } });
  const leaving = new AbortController();
  await router.chat(ask('a tale', { stream: true }), { token: limited, signal: leaving.signal });
  for (let asked = 0; asked < 3; asked += 1)
    expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ open_requests: 1, day: { requests: 1 } });
  leaving.abort();
  await until(() => router.upstream.counters.inFlight === 0);
  await until(() => router.rows().length === 1);

  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ open_requests: 0, day: { requests: 1 } });
});

test('a used-up key still sees that it is used up; nobody sees anything without a token', async () => {
  const router = await limitedRouter({ budget: { lifetime: { tokens: 0 } } });

  expect(await (await router.get('/v1/usage', limited)).json()).toMatchObject({ key: { remaining_tokens: 0, exhausted: true } });
  expect((await router.get('/v1/usage')).status).toBe(401);
});
