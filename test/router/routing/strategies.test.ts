import { expect, test } from 'vitest';
import { drawPracticePicture } from '../../../src/router/lab/upstream/practice-picture.js';
import { orderTargets } from '../../../src/router/routing/strategies.js';
import type { ModelGroup, Target } from '../../../src/router/routing/target.js';
import { TargetSpeed } from '../../../src/router/routing/target-speed.js';
import { routedRouter } from './routed-router.js';

const strategyOf = async (router: Awaited<ReturnType<typeof routedRouter>>, id: string | null): Promise<unknown> => {
  const { strategy } = await router.row(id);
  return [strategy, router.table('request_trace_events', id).find(({ event }) => event === 'routing_decision')?.['message']];
};

test('static asks its first target alone, whatever becomes of it', async () => {
  const router = await routedRouter('static', { first: {}, second: {} });
  const good = await router.say();
  router.upstreamOf('first').setFaults([{ status: 500 }]);
  const bad = await router.say();

  expect([good.status, bad.status, router.asked]).toEqual([200, 502, { first: 2, second: 0 }]);
  expect(await strategyOf(router, good.id)).toEqual(['static', 'static: first/m']);
});

test('failover asks the first as long as it answers', async () => {
  const router = await routedRouter('failover', { first: {}, second: {} });
  for (let times = 0; times < 5; times += 1) await router.say();

  expect(router.asked).toEqual({ first: 5, second: 0 });
});

test('weighted shares requests out by weight, and falls back in the order of the config', async () => {
  const router = await routedRouter('weighted', { heavy: { weight: 9 }, light: { weight: 1 } });
  await Promise.all(Array.from({ length: 200 }, () => router.say()));
  const { heavy = 0, light = 0 } = router.asked;
  // By chance alone, fewer than 2 or more than 50 of 200 come once in a hundred million runs.
  expect([heavy + light, light >= 2, light <= 50]).toEqual([200, true, true]);

  router.upstreamOf('heavy').setFaults([{ status: 500 }]);
  expect((await router.say()).status).toBe(200);
});

test('weighted draws each target exactly as often as its weight says', () => {
  const targets = [1, 2, 5].map((weight) => ({ key: `w${weight}`, weight }) as Target);
  const group = { strategy: 'weighted' } as ModelGroup;
  const firsts = Array.from({ length: 800 }, (_, index) => {
    const ordered = orderTargets(group, targets, {
      speed: new TargetSpeed(),
      random: () => index / 800,
      priceUsd: () => 0,
    });
    expect(new Set(ordered)).toEqual(new Set(targets));
    return ordered[0]?.key;
  });

  expect(['w1', 'w2', 'w5'].map((key) => firsts.filter((first) => first === key).length)).toEqual([100, 200, 500]);
});

test('latency measures each target once, then asks the one that began to answer soonest', async () => {
  const router = await routedRouter('latency', { slow: {}, fast: {}, middling: {} });
  router.upstreamOf('slow').setFaults([{ delayMs: 300 }]);
  router.upstreamOf('middling').setFaults([{ delayMs: 150 }]);
  for (let times = 0; times < 6; times += 1) await router.say();

  expect(router.asked).toEqual({ slow: 1, fast: 4, middling: 1 });
});

test('latency turns away from a target that has become slow', async () => {
  const router = await routedRouter('latency', { once: {}, steady: {} });
  router.upstreamOf('steady').setFaults([{ delayMs: 200 }]);
  for (let times = 0; times < 3; times += 1) await router.say();
  expect(router.asked).toEqual({ once: 2, steady: 1 });
  router.upstreamOf('once').setFaults([{ delayMs: 2000 }]);
  await router.say();
  await router.say();

  expect(router.asked).toEqual({ once: 3, steady: 2 });
});

test('latency turns away from a target that failed fast, and back once it answered', async () => {
  const router = await routedRouter('latency', { steady: {}, hasty: {} });
  const [hasty, steady] = [router.upstreamOf('hasty'), router.upstreamOf('steady')];
  steady.setFaults([{ delayMs: 200 }]);
  for (let times = 0; times < 3; times += 1) await router.say();
  expect(router.asked).toEqual({ hasty: 2, steady: 1 });
  hasty.setFaults([{ status: 500 }]);
  for (let times = 0; times < 4; times += 1) expect((await router.say()).status).toBe(200);
  expect(router.asked).toEqual({ hasty: 3, steady: 5 });

  hasty.setFaults([]);
  steady.setFaults([{ status: 503 }]);
  expect((await router.say()).status).toBe(200);
  steady.setFaults([{ delayMs: 200 }]);
  await router.say();
  expect(router.asked).toEqual({ hasty: 5, steady: 6 });
});

test('latency does not stay with a target that never answered', async () => {
  const router = await routedRouter('latency', { broken: {}, sound: {} });
  router.upstreamOf('broken').setFaults([{ status: 500 }]);
  for (let times = 0; times < 4; times += 1) expect((await router.say()).status).toBe(200);

  expect(router.asked).toEqual({ broken: 1, sound: 4 });
});

test('a stream that breaks off counts against its target too', async () => {
  const router = await routedRouter('latency', { cut: {}, sound: {} });
  router.upstreamOf('cut').setFaults([{ cut: 2 }]);
  router.upstreamOf('sound').setFaults([{ delayMs: 200 }]);
  for (let times = 0; times < 3; times += 1) await router.say({ stream: true });

  expect(router.asked).toEqual({ cut: 1, sound: 2 });
});

test('a failure is forgotten after its time, by a success at once, and never makes a target look faster', () => {
  let nowMs = 0;
  const speed = new TargetSpeed(() => nowMs);
  speed.measured('a', 10);
  speed.failed('a', 1000, 500);
  expect(speed.ofMs('a')).toBe(1000);
  speed.measured('a', 10);
  expect(speed.ofMs('a')).toBe(1000);
  speed.succeeded('a');
  expect(speed.ofMs('a')).toBe(10);
  speed.failed('a', 5, 500);
  expect(speed.ofMs('a')).toBe(10);
  speed.failed('b', 1000, 500);
  expect(speed.ofMs('b')).toBe(1000);
  nowMs = 500;

  expect([speed.ofMs('a'), speed.ofMs('b')]).toEqual([10, null]);
});

test('cost asks the target that is cheapest for this very request', async () => {
  const router = await routedRouter('cost', {
    cheapAnswers: { model: { input_price_per_million_usd: 20, output_price_per_million_usd: 1 } },
    cheapQuestions: { model: { input_price_per_million_usd: 1, output_price_per_million_usd: 20 } },
  });
  await router.say({ max_tokens: 500 });
  expect(router.asked).toEqual({ cheapAnswers: 1, cheapQuestions: 0 });
  await router.say({ max_tokens: 5, messages: [{ role: 'user', content: 'a long question '.repeat(50) }] });
  expect(router.asked).toEqual({ cheapAnswers: 1, cheapQuestions: 1 });

  router.upstreamOf('cheapQuestions').setFaults([{ status: 503 }]);
  expect((await router.say({ max_tokens: 5, messages: [{ role: 'user', content: 'a long question '.repeat(50) }] })).status).toBe(200);
  expect(router.asked).toEqual({ cheapAnswers: 2, cheapQuestions: 2 });
});

test.each([
  ['a picture', { image_input_price_per_image_usd: 0.01 }],
  ["a picture's tokens", { image_input_price_per_million_tokens_usd: 1000 }],
])('cost counts what %s costs', async (_, dear) => {
  const both = { input_modalities: ['text', 'image'] };
  const router = await routedRouter('cost', {
    dearPictures: { model: { ...both, ...dear } },
    dearWords: { model: { ...both, input_price_per_million_usd: 10 } },
  });
  await router.say({ max_tokens: 5 });
  expect(router.asked).toEqual({ dearPictures: 1, dearWords: 0 });
  await router.say({
    max_tokens: 5,
    messages: [
      {
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${drawPracticePicture().toString('base64')}` } }],
      },
    ],
  });
  expect(router.asked).toEqual({ dearPictures: 1, dearWords: 1 });
});
