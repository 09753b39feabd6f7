import { expect, onTestFinished, test } from 'vitest';
import { runTraffic } from '../../../src/router/lab/steady-traffic.js';
import { type RouterSettings, type StartedRouter, startRouter, tokens } from '../started-router.js';

async function routerWith(settings: RouterSettings = {}): Promise<StartedRouter> {
  const router = await startRouter(settings);
  onTestFinished(() => router.stop());
  return router;
}

const traffic = (router: StartedRouter) =>
  runTraffic({
    url: router.url,
    token: tokens.all,
    models: ['small'],
    ratePerSecond: 40,
    durationMs: 500,
    signal: new AbortController().signal,
  });

test('a healthy router answers everything, and each answer has its row', async () => {
  const router = await routerWith();
  const { sent, ok, failed, cut, requestIds } = await traffic(router);
  await router.drain();

  expect([ok, failed, cut]).toEqual([sent, 0, 0]);
  expect(new Set(router.rows().map(({ request_id: id }) => id))).toEqual(new Set(requestIds));
});

test('refusals are counted as failed, by reason', async () => {
  const router = await routerWith();
  router.upstream.setFaults([{ status: 500 }]);
  const { sent, failed, failures } = await traffic(router);

  expect([failed, failures]).toEqual([sent, { 'status 502': sent }]);
});

test('streams without their marker are counted as cut', async () => {
  const router = await routerWith({ release: { defects: ['cut-streams'] } });
  const { sent, ok, cut, failed } = await traffic(router);

  expect([ok, cut, failed]).toEqual([Math.ceil(sent / 2), Math.floor(sent / 2), 0]);
});

test('a signal ends the traffic, and what was under way is still counted', async () => {
  const router = await routerWith();
  const stop = new AbortController();
  const running = runTraffic({
    url: router.url,
    token: tokens.all,
    models: ['small'],
    ratePerSecond: 50,
    durationMs: null,
    signal: stop.signal,
  });
  while (router.upstream.counters.requests < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  const { sent, ok } = await running;

  expect(sent).toBeGreaterThanOrEqual(5);
  expect(ok).toBe(sent);
});

test('a router that is gone is the longest gap', async () => {
  const router = await routerWith();
  await router.drain();
  const { ok, failures, longestGapMs, durationMs } = await traffic(router);

  expect([ok, Object.keys(failures)]).toEqual([0, ['ECONNREFUSED']]);
  expect(longestGapMs).toBe(durationMs);
});
