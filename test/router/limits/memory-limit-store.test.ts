import { expect, test } from 'vitest';
import type { LimitedCaller } from '../../../src/router/limits/limit-store.js';
import { MemoryLimitStore, type UsageHistory } from '../../../src/router/limits/memory-limit-store.js';
import { setClock } from './set-clock.js';

const caller = (id: string, limits: Partial<LimitedCaller> = {}): LimitedCaller => ({
  id,
  rate: {},
  shape: null,
  budget: { soft_pct: 80 },
  ...limits,
});
const empty: UsageHistory = { used: async () => [], recent: async () => [] };
const noon = '2026-11-20T12:00:00Z';

test('callers who come once are forgotten after their minute, and their use is read again when they return', async () => {
  const clock = setClock(noon);
  const used = new Map<string, number>();
  const history: UsageHistory = {
    used: async (id) => [{ caller_id: id, period: 'lifetime', requests: used.get(id) ?? 0, tokens: 0, cost_usd: 0 }],
    recent: async () => [],
  };
  const store = await MemoryLimitStore.open(history, clock);
  for (let number = 0; number < 20_000; number += 1) {
    const id = `caller-${number}`;
    const seat = await store.enter(caller(id));
    if (!('code' in seat)) store.leave(seat, { tokens: 1, costUsd: 0 });
    used.set(id, 1);
    if (number % 500 === 0) clock.forward(61_000);
  }

  expect(store.size).toBeLessThanOrEqual(1500);
  expect((await store.standing('caller-1')).lifetime.requests).toBe(1);
});

test('a caller with an open request is never forgotten', async () => {
  const clock = setClock(noon);
  const store = await MemoryLimitStore.open(empty, clock);
  const limited = caller('busy', { rate: { concurrent: 1 } });
  await store.enter(limited);
  for (let number = 0; number < 3000; number += 1) {
    await store.standing(`caller-${number}`);
    if (number % 500 === 0) clock.forward(61_000);
  }

  expect(await store.enter(limited)).toMatchObject({ code: 'concurrency-exceeded' });
});

test('a database that cannot be read at first is read later, and what was used meanwhile is not counted twice', async () => {
  const clock = setClock(noon);
  let readable = false;
  let reads = 0;
  const history: UsageHistory = {
    used: async (id) => {
      reads += 1;
      // By then it holds the request of below too.
      return readable ? [{ caller_id: id, period: 'day:2026-11-20', requests: 9, tokens: 90, cost_usd: 0 }] : null;
    },
    recent: async () => null,
  };
  const store = await MemoryLimitStore.open(history, clock);
  const limited = caller('a', { budget: { day: { requests: 10 }, soft_pct: 80 } });
  const seat = await store.enter(limited);
  if (!('code' in seat)) store.leave(seat, { tokens: 10, costUsd: 0 });
  for (let times = 0; times < 100; times += 1) await store.standing('a');
  expect(reads).toBe(1);
  expect((await store.standing('a')).day).toMatchObject({ requests: 1, tokens: 10 });

  readable = true;
  clock.forward(1000);
  expect((await store.standing('a')).day).toMatchObject({ requests: 9, tokens: 90 });
  expect(await store.enter(limited)).not.toHaveProperty('code');
  expect(await store.enter(limited)).toMatchObject({ code: 'quota-exhausted' });
});

test('what ends while the database is being asked is added to its answer, and everyone who comes meanwhile waits for it', async () => {
  const clock = setClock(noon);
  let tell = (): void => undefined;
  let asked = 0;
  const history: UsageHistory = {
    used: (id, [day = '']) =>
      new Promise((resolve) => {
        asked += 1;
        tell = () => resolve([{ caller_id: id, period: day, requests: 6, tokens: 60, cost_usd: 0 }]);
      }),
    recent: async () => null,
  };
  const unreadable: UsageHistory = { used: async () => null, recent: async () => null };
  let from = unreadable;
  const store = await MemoryLimitStore.open({ used: (...asked) => from.used(...asked), recent: unreadable.recent }, clock);
  const limited = caller('a', { budget: { day: { requests: 8 }, soft_pct: 80 } });
  const seat = await store.enter(limited);
  from = history;
  clock.forward(1000);
  const waiting = [store.enter(limited)];
  // However long it takes, the question is not asked twice.
  clock.forward(5000);
  waiting.push(store.enter(limited));
  await Promise.resolve();
  expect(asked).toBe(1);
  if (!('code' in seat)) store.leave(seat, { tokens: 10, costUsd: 0 });
  tell();

  expect(await waiting[0]).not.toHaveProperty('code');
  expect(await waiting[1]).toMatchObject({ code: 'quota-exhausted' });
  expect((await store.standing('a')).day).toMatchObject({ requests: 8, tokens: 70 });
});

test('limits that a reload changes hold from the next request on, for what was used before too', async () => {
  const store = await MemoryLimitStore.open(empty, setClock(noon));
  for (let requests = 0; requests < 5; requests += 1) await store.enter(caller('a', { rate: { rpm: 100 } }));

  expect(await store.enter(caller('a', { rate: { rpm: 5 } }))).toMatchObject({ code: 'rpm-exceeded' });
  expect(await store.enter(caller('a', { rate: { rpm: 6 } }))).not.toHaveProperty('code');
  expect(await store.enter(caller('a', { rate: { concurrent: 6 } }))).toMatchObject({ code: 'concurrency-exceeded' });
});

test('a request that lasts over midnight is settled in the day that it began in', async () => {
  const clock = setClock('2026-11-20T23:59:59Z');
  const store = await MemoryLimitStore.open(empty, clock);
  const limited = caller('a', { budget: { day: { tokens: 100 }, soft_pct: 80 } });
  const seat = await store.enter(limited);
  if ('code' in seat) throw new Error(seat.code);
  expect(await store.reserve(seat, limited, 100, 0)).toBeNull();
  clock.forward(2000);
  const second = await store.enter(limited);
  if ('code' in second) throw new Error(second.code);
  expect(await store.reserve(second, limited, 100, 0)).toBeNull();
  store.leave(seat, { tokens: 100, costUsd: 0 });

  expect(await store.standing('a')).toMatchObject({
    dayName: '2026-11-21',
    day: { requests: 1, tokens: 0 },
    month: { requests: 2, tokens: 100 },
  });
});

test('a request that would not fit everywhere is counted nowhere', async () => {
  const store = await MemoryLimitStore.open(empty, setClock(noon));
  const limited = caller('a', {
    rate: { rpm: 10, concurrent: 10, tpm: 1000 },
    budget: { day: { tokens: 500 }, month: { cost_usd: 1 }, lifetime: { requests: 2 }, soft_pct: 80 },
  });
  const seat = await store.enter(limited);
  if ('code' in seat) throw new Error(seat.code);
  expect(await store.reserve(seat, limited, 400, 1.5)).toMatchObject({ code: 'quota-exhausted', bucket: 'month', unit: 'cost_usd' });
  expect(await store.reserve(seat, limited, 501, 0.5)).toMatchObject({ code: 'quota-exhausted', bucket: 'day', unit: 'tokens' });
  expect(await store.reserve(seat, limited, 500, 1)).toBeNull();
  expect(await store.enter(limited)).not.toHaveProperty('code');
  expect(await store.enter(limited)).toMatchObject({ code: 'key-exhausted', bucket: 'lifetime', unit: 'requests' });

  expect(await store.standing('a')).toMatchObject({ openRequests: 2, day: { requests: 2 } });
});
