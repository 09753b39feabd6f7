import { expect, test } from 'vitest';
import { Breakers } from '../../../src/router/routing/breaker.js';
import { retryAfterMs } from '../../../src/router/upstream/retry-after.js';
import { ask } from '../started-router.js';
import { type RoutedRouter, routedRouter } from './routed-router.js';

const two = { first: {}, second: {} };
const breaker = (failures: number, cooldown_ms: number): Record<string, unknown> => ({ upstream: { breaker: { failures, cooldown_ms } } });

const exhausted = (router: RoutedRouter, id: string | null) =>
  router.table('request_trace_events', id).filter(({ event }) => event === 'upstream_exhausted');

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a target that fails again and again is left alone for the cooldown, then one request tries it', async () => {
  const router = await routedRouter('failover', two, breaker(3, 1000));
  router.upstreamOf('first').setFaults([{ status: 500 }]);
  for (let times = 0; times < 6; times += 1) expect((await router.say()).status).toBe(200);
  expect(router.asked).toEqual({ first: 3, second: 6 });

  // The try fails: one more cooldown.
  await new Promise((resolve) => setTimeout(resolve, 1050));
  await Promise.all(Array.from({ length: 5 }, () => router.say()));
  expect(router.asked).toEqual({ first: 4, second: 11 });

  // The try succeeds: everything goes there again.
  await new Promise((resolve) => setTimeout(resolve, 1050));
  router.upstreamOf('first').setFaults([]);
  for (let times = 0; times < 3; times += 1) await router.say();
  expect(router.asked).toEqual({ first: 7, second: 11 });
});

test('a request that passes an open breaker by shows it as a fallback', async () => {
  const router = await routedRouter('failover', two, breaker(1, 60_000));
  router.upstreamOf('first').setFaults([{ status: 500 }]);
  await router.say();
  const said = await router.say();

  expect(await router.row(said.id)).toMatchObject({ attempts: 1, fallback_used: 1, target_provider: 'second' });
  expect(router.table('request_attempts', said.id)).toMatchObject([
    { attempt_index: 1, provider: 'second', fallback_reason: 'breaker_open' },
  ]);
  expect(router.table('request_fallback_transitions', said.id)).toMatchObject([
    { from_provider: 'first', to_provider: 'second', reason: 'breaker_open' },
  ]);
});

test('when every breaker is open nobody is asked, and the caller hears when the first one closes', async () => {
  const router = await routedRouter('failover', { first: {} }, breaker(1, 60_000));
  router.upstreamOf('first').setFaults([{ status: 500 }]);
  await router.say();
  const said = await router.say();

  expect([said.status, said.code, said.headers.get('retry-after'), router.asked]).toEqual([502, 'upstream-failed', '60', { first: 1 }]);
  expect(JSON.parse(said.text)).toMatchObject({ error: { details: { attempts: 0, error_class: 'breaker_open' } } });
  expect(await router.row(said.id)).toMatchObject({ status: 502, attempts: 0, total_tokens: 0 });
  expect(router.table('request_errors', said.id)).toMatchObject([{ error_class: null }]);
  expect(exhausted(router, said.id)).toMatchObject([{ error_class: 'breaker_open' }]);
});

test('what is not the fault of a target opens no breaker: a bad request, a caller who leaves', async () => {
  const router = await routedRouter('failover', two, breaker(2, 60_000));
  router.upstreamOf('first').setFaults([{ status: 400 }]);
  for (let times = 0; times < 4; times += 1) await router.say();
  router.upstreamOf('first').setFaults([{ delayMs: 10_000 }]);
  for (let times = 0; times < 4; times += 1) {
    const leaving = new AbortController();
    const gone = router.chat(ask('hi'), { signal: leaving.signal }).catch(() => null);
    await until(() => router.upstreamOf('first').counters.inFlight === 1);
    leaving.abort();
    await gone;
    await until(() => router.upstreamOf('first').counters.inFlight === 0);
  }
  router.upstreamOf('first').setFaults([]);

  expect([(await router.say()).status, router.asked]).toEqual([200, { first: 9, second: 0 }]);
});

test('a breaker is closed, open and half open by a clock, and lets exactly one try through', () => {
  let nowMs = 0;
  const breakers = new Breakers({ failures: 2, cooldownMs: 1000 }, () => nowMs);
  breakers.failed('a');
  expect([breakers.state('a'), breakers.admit('a')]).toEqual(['closed', null]);
  breakers.failed('a');
  expect([breakers.state('a'), breakers.admit('a'), breakers.admit('b')]).toEqual(['open', { reason: 'breaker_open', waitMs: 1000 }, null]);
  nowMs = 1000;
  expect(breakers.state('a')).toBe('half-open');
  expect([breakers.admit('a'), breakers.admit('a')]).toEqual([null, { reason: 'breaker_open', waitMs: 0 }]);
  breakers.undecided('a');
  expect(breakers.admit('a')).toBeNull();
  breakers.failed('a');
  expect(breakers.state('a')).toBe('open');
  nowMs = 2000;
  expect(breakers.admit('a')).toBeNull();
  breakers.succeeded('a');
  expect([breakers.state('a'), breakers.admit('a')]).toEqual(['closed', null]);
});

test('a caller who leaves neither opens nor closes a breaker', async () => {
  const router = await routedRouter('failover', two, breaker(2, 60_000));
  router.upstreamOf('first').setFaults([{ status: 500, times: 1 }, { delayMs: 10_000, times: 1 }, { status: 500 }]);
  await router.say();
  await leaveWhileAsked(router, {});
  await until(() => router.upstreamOf('first').counters.inFlight === 0);
  await router.say();
  await router.say();

  expect(router.asked).toEqual({ first: 3, second: 3 });
});

test('a success in between makes failures no row', () => {
  const breakers = new Breakers({ failures: 2, cooldownMs: 1000 }, () => 0);
  for (let times = 0; times < 5; times += 1) {
    breakers.failed('a');
    breakers.succeeded('a');
  }
  expect(breakers.state('a')).toBe('closed');
});

test('a target that said when to come back is not asked before, and others are asked in its place', async () => {
  const router = await routedRouter('failover', two);
  router.upstreamOf('first').setFaults([{ status: 429, headers: { 'retry-after': '1' }, times: 1 }]);
  await router.say();
  const said = await router.say();
  expect(router.asked).toEqual({ first: 1, second: 2 });
  await router.row(said.id);
  expect(router.table('request_fallback_transitions', said.id)).toMatchObject([{ from_provider: 'first', reason: 'retry_after' }]);

  await new Promise((resolve) => setTimeout(resolve, 1100));
  await router.say();
  expect(router.asked).toEqual({ first: 2, second: 2 });
});

test.each([
  ['30', '7'],
  ['7', '30'],
])(
  'when all said to come back later, in %s and %s seconds, the caller hears the earlier moment, and nobody is asked',
  async (one, other) => {
    const router = await routedRouter('failover', two);
    router.upstreamOf('first').setFaults([{ status: 429, headers: { 'retry-after': one } }]);
    router.upstreamOf('second').setFaults([{ status: 503, headers: { 'retry-after': other } }]);
    const said = await router.say();
    expect([said.status, said.code, said.headers.get('retry-after')]).toEqual([502, 'upstream-failed', '7']);
    const again = await router.say();

    expect([again.status, again.code, again.headers.get('retry-after'), router.asked]).toEqual([
      503,
      'upstream-rate-limited',
      '7',
      { first: 1, second: 1 },
    ]);
    expect(JSON.parse(again.text)).toMatchObject({ error: { details: { attempts: 0, error_class: 'retry_after' } } });
    expect(await router.row(again.id)).toMatchObject({ status: 503, error: 'upstream-rate-limited', attempts: 0 });
    expect(router.table('request_errors', again.id)).toMatchObject([{ error_class: 'upstream_rate_limited' }]);
    expect(exhausted(router, again.id)).toMatchObject([{ error_class: 'upstream_rate_limited' }]);
  },
);

test('a wait without end is not believed: after an hour the target is asked again', () => {
  let nowMs = 0;
  const breakers = new Breakers({ failures: 100, cooldownMs: 1000 }, () => nowMs);
  breakers.failed('a', 999_999_999_000);
  expect(breakers.admit('a')).toEqual({ reason: 'retry_after', waitMs: 3_600_000 });
  nowMs = 3_600_000;
  expect(breakers.admit('a')).toBeNull();
});

test.each([
  ['7', 7000],
  ['0', 0],
  ['Fri, 20 Nov 2026 12:00:09 GMT', 9000],
  ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['1.5', null],
  [undefined, null],
])('Retry-After %s is read as %s ms', (value, ms) => {
  expect(retryAfterMs(value, Date.parse('2026-11-20T12:00:00Z'))).toBe(ms);
});

test('a target has no more requests open than it may, and the next ones go on', async () => {
  const router = await routedRouter('failover', { first: { model: { max_concurrent: 2 } }, second: {} });
  for (const name of ['first', 'second']) router.upstreamOf(name).setFaults([{ delayMs: 300 }]);
  const all = await Promise.all(Array.from({ length: 5 }, () => router.say()));
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(router.asked).toEqual({ first: 2, second: 3 });
  const rows = await Promise.all(all.map(({ id }) => router.row(id)));
  const busy = rows.filter(({ fallback_used: used }) => used === 1).map(({ request_id: id }) => id);
  expect(busy.map((id) => router.table('request_fallback_transitions', id)[0]?.['reason'])).toEqual(Array(3).fill('target_busy'));

  await router.say();
  expect(router.asked).toEqual({ first: 3, second: 3 });
});

test('when every target is busy the caller hears to come back in a second', async () => {
  const router = await routedRouter('failover', { first: { model: { max_concurrent: 1 } } });
  router.upstreamOf('first').setFaults([{ delayMs: 300 }]);
  const slow = router.say();
  await until(() => router.asked['first'] === 1);
  const said = await router.say();

  expect([said.status, said.code, said.headers.get('retry-after')]).toEqual([502, 'upstream-failed', '1']);
  expect(JSON.parse(said.text)).toMatchObject({ error: { details: { error_class: 'target_busy' } } });
  expect((await slow).status).toBe(200);
});

test('when some targets said to come back later and others are busy, they failed in different ways', async () => {
  const router = await routedRouter('failover', { first: {}, second: { model: { max_concurrent: 1 } } });
  router.upstreamOf('first').setFaults([{ status: 429, headers: { 'retry-after': '30' } }]);
  router.upstreamOf('second').setFaults([{ delayMs: 300 }]);
  const slow = router.say();
  await until(() => router.asked['second'] === 1);
  const said = await router.say();

  expect([said.status, said.code, said.headers.get('retry-after')]).toEqual([502, 'upstream-failed', '1']);
  expect(JSON.parse(said.text)).toMatchObject({ error: { details: { attempts: 0, error_class: 'retry_after', fallback_used: false } } });
  expect([(await slow).status, router.asked]).toEqual([200, { first: 1, second: 1 }]);
});

test('when the one target that may be asked fails, its trouble names the refusal, and the others tell when to come back', async () => {
  const router = await routedRouter('failover', two);
  router.upstreamOf('first').setFaults([{ status: 429, headers: { 'retry-after': '30' } }]);
  await router.say();
  router.upstreamOf('second').setFaults([{ status: 402 }]);
  const said = await router.say();

  expect([said.status, said.code, said.headers.get('x-upstream-status')]).toEqual([503, 'upstream-quota-exhausted', '402']);
  expect(said.headers.get('retry-after')).toMatch(/^(30|2\d)$/);
  expect(JSON.parse(said.text)).toMatchObject({
    error: { details: { attempts: 1, error_class: 'upstream_quota_exhausted', fallback_used: false } },
  });
  await router.row(said.id);
  expect(router.table('request_errors', said.id)).toMatchObject([{ error_class: 'upstream_quota_exhausted' }]);
});

async function leaveWhileAsked(router: RoutedRouter, more: Record<string, unknown>): Promise<void> {
  const leaving = new AbortController();
  const gone = router.chat(ask('a tale of many words', more), { signal: leaving.signal }).then(
    (answer) => answer.text().catch(() => null),
    () => null,
  );
  await until(() => router.upstreamOf('first').counters.inFlight === 1);
  leaving.abort();
  await gone;
}

test.each([
  ['before the first byte', { delayMs: 20_000 }, {}],
  ['in the middle of a stream', { pieceDelayMs: 20_000 }, { stream: true }],
])('a client that leaves %s ends the request at the upstream, frees its place, and no other target is asked', async (_, fault, more) => {
  const router = await routedRouter('failover', { first: { model: { max_concurrent: 1 } }, second: {} });
  router.upstreamOf('first').setFaults([fault]);
  await leaveWhileAsked(router, more);
  await until(() => router.upstreamOf('first').counters.inFlight === 0);
  expect(router.upstreamOf('first').counters.canceled).toBe(1);
  await until(() => router.rows().length === 1);
  const [row] = router.rows();

  expect(row).toMatchObject({ status: 499, error: 'client-canceled', attempts: 1 });
  expect(router.table('request_attempts', row?.request_id ?? '')).toMatchObject([{ provider: 'first', client_canceled: 1, selected: 0 }]);
  router.upstreamOf('first').setFaults([]);
  expect((await router.say()).status).toBe(200);
  expect(router.asked).toEqual({ first: 2, second: 0 });
});
