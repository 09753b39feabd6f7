import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { metricList } from '../../../src/router/metrics/metric-list.js';
import { MetricRegistry } from '../../../src/router/metrics/metric-registry.js';
import { RequestMetrics } from '../../../src/router/metrics/request-metrics.js';
import type { RequestRows } from '../../../src/router/usage/diagnostic-rows.js';
import { licensedRouter } from '../license/licensed-router.js';
import { ask, type RouterSettings, type StartedRouter, startRouter, streamData, tokens } from '../started-router.js';
import { mayReadMetrics, scrapeOf } from './scraped.js';

async function routerWith(settings: RouterSettings = {}): Promise<StartedRouter> {
  const router = await startRouter({ ...settings, config: { ...mayReadMetrics, ...settings.config } });
  onTestFinished(() => router.stop());
  return router;
}

const isThere = spawnSync('promtool', ['--version']).status === 0;

/** Plain and streamed answers, refusals, failures, fallbacks, cache hits. */
async function mixedLoad(router: StartedRouter): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await (await router.chat(ask(`question ${round}`))).text();
    await (await router.chat(ask('the same each time'))).text();
    await streamData(await router.chat(ask('streamed', { stream: true })));
    await (await router.chat(ask('x', { model: 'backed' }))).text();
    await (await router.chat(ask('x', { model: 'broken' }))).text();
    await (await router.chat(ask('x', { model: `strange-${round}` }))).text();
    await (await router.chat(ask('x', { model: 'backed' }), { token: tokens.small })).text();
    await (await router.chat('{"model":')).text();
    await (await router.chat(ask('x'), { token: 'rt-unknown' })).text();
  }
}

const mixed: RouterSettings = {
  models: { small: 'echo-1', broken: 'echo-1+status-500', sound: 'echo-2' },
  config: {
    ...mayReadMetrics,
    cache: { enabled: true },
    models: {
      small: { targets: [{ provider: 'primary', model_ref: 'small' }] },
      broken: { targets: [{ provider: 'primary', model_ref: 'broken' }] },
      backed: {
        strategy: 'failover',
        targets: [
          { provider: 'primary', model_ref: 'broken' },
          { provider: 'primary', model_ref: 'sound' },
        ],
      },
    },
  },
};

const said = isThere
  ? 'promtool finds nothing wrong with the metrics of a busy router'
  : 'skipped: promtool missing, bin/provision installs it';

test.skipIf(!isThere)(said, async () => {
  const router = await routerWith(mixed);
  await mixedLoad(router);
  const { text } = await scrapeOf(router);

  expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
  // The same tool does find what is wrong.
  const wrong = spawnSync('promtool', ['check', 'metrics'], {
    input: '# HELP a_total x\n# TYPE a_total gauge\na_total 1\n',
    encoding: 'utf8',
  });
  expect(wrong.status).not.toBe(0);
});

test('every metric of the list is told, with its type, and no other', async () => {
  const router = await routerWith(mixed);
  await mixedLoad(router);
  const { text } = await scrapeOf(router);
  const told = [...text.matchAll(/^# TYPE reference_router_(\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]);

  expect(told.sort()).toEqual(
    Object.entries(metricList)
      .map(([name, { type }]) => [name, type])
      .sort(),
  );
  expect([...text.matchAll(/^# TYPE (\w+)/gm)].every(([, name]) => name?.startsWith('reference_router_'))).toBe(true);
});

test('after a mixed load the counters are what the usage rows say', async () => {
  const router = await routerWith(mixed);
  await mixedLoad(router);
  // What was told once is not told again on top.
  await scrapeOf(router);
  await router.row((await router.chat(ask('the last one'))).headers.get('x-request-id'));
  const { sum } = await scrapeOf(router);
  const rows = router.rows();
  const total = (pick: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  const where = (holds: (row: (typeof rows)[number]) => boolean): number => rows.filter(holds).length;

  expect(rows.length).toBe(41);
  expect(sum('requests_total')).toBe(rows.length);
  for (const status of new Set(rows.map((row) => row.status)))
    expect(sum('requests_total', { status: String(status) })).toBe(where((row) => row.status === status));
  for (const caller of ['everyone', 'small-only'])
    expect(sum('requests_total', { caller_id: caller })).toBe(where((row) => row.caller_id === caller));
  for (const group of ['small', 'backed', 'broken', 'rejected_model'])
    expect(sum('requests_total', { model_group: group })).toBe(where((row) => row.requested_model === group));
  for (const code of new Set(rows.flatMap(({ error }) => error ?? [])))
    expect(sum('errors_total', { code })).toBe(where((row) => row.error === code));
  expect(sum('errors_total', { code: 'unauthorized' })).toBe(5);
  expect(sum('input_tokens_total')).toBe(total((row) => row.input_tokens));
  expect(sum('output_tokens_total')).toBe(total((row) => row.output_tokens));
  expect(sum('cost_usd_total')).toBeCloseTo(
    total((row) => row.total_cost_usd),
    9,
  );
  const attempts = rows.flatMap((row) => router.table('request_attempts', row.request_id));
  const outcomes = attempts.map((attempt) => String(attempt['error_class'] ?? 'ok'));
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'upstream_status_5xx']));
  for (const outcome of new Set(outcomes))
    expect(sum('upstream_attempts_total', { outcome })).toBe(outcomes.filter((each) => each === outcome).length);
  expect(sum('upstream_attempts_total')).toBe(total((row) => row.attempts));
  expect(sum('fallbacks_total')).toBe(where((row) => row.fallback_used === 1));
  expect(sum('cache_hits_total')).toBe(where((row) => row.cache === 'hit'));
  expect(sum('cache_misses_total')).toBe(where((row) => row.cache === 'miss'));
  expect(sum('cache_bypass_total')).toBe(where((row) => row.cache === 'bypass'));
  expect(sum('cache_hits_total')).toBe(8);
  expect(sum('request_duration_seconds_count')).toBe(rows.length);
  expect(sum('first_token_seconds_count', { stream: 'true' })).toBe(where((row) => row.stream === 1 && row.ttfb_ms !== null));
});

test('thousands of odd paths, models and tokens add no series', async () => {
  const router = await routerWith(mixed);
  await mixedLoad(router);
  await router.get('/nowhere');
  const before = (await scrapeOf(router)).series;
  const odd = (number: number): Promise<unknown>[] => [
    router.get(`/odd-${number}/%00${number}?x=${number}`).then((answer) => answer.text()),
    router.chat(ask('x', { model: `odd"\n\\-${number}` })).then((answer) => answer.text()),
    router.chat(ask('x'), { token: `rt-odd-${number}` }).then((answer) => answer.text()),
    router
      .chat(ask('x'), { headers: { 'x-router-client': `odd-${number}`, 'user-agent': `odd ${number}` } })
      .then((answer) => answer.text()),
  ];
  for (let round = 0; round < 40; round++) await Promise.all(Array.from({ length: 25 }, (_, index) => odd(round * 25 + index)).flat());
  const after = (await scrapeOf(router)).series;

  expect([...after.keys()].filter((key) => !before.has(key))).toEqual([]);
  expect(after.size).toBeLessThan(500);
}, 60_000);

test('limits, budgets and breakers are told as they are', async () => {
  const models = { small: 'echo-1', broken: 'echo-1+status-500' };
  const caller = { id: 'everyone', token_sha256: createHash('sha256').update(tokens.all).digest('hex'), allow: ['*'] };
  const limited = { rate: { rpm: 3 }, budget: { day: { requests: 10, tokens: 1_000_000 }, lifetime: { cost_usd: 100 } } };
  const upstream = { breaker: { failures: 1 } };
  const router = await routerWith({ models, config: { upstream, callers: [{ ...caller, ...limited }] } });
  await (await router.chat(ask('one'))).text();
  await (await router.chat(ask('two'))).text();
  await (await router.chat(ask('three', { model: 'broken' }))).text();
  await (await router.chat(ask('four'))).text();
  const { sum } = await scrapeOf(router);

  expect(sum('limit_refusals_total', { caller_id: 'everyone', code: 'rpm-exceeded' })).toBe(1);
  expect(sum('budget_used_ratio', { period: 'day', unit: 'requests' })).toBeCloseTo(0.3);
  expect(sum('budget_used_ratio', { period: 'lifetime', unit: 'cost_usd' })).toBeGreaterThan(0);
  expect([sum('breaker_state', { target: 'primary/broken' }), sum('breaker_state', { target: 'primary/small' })]).toEqual([2, 0]);
});

test('reloads, the license and the database are told', async () => {
  const { router } = await licensedRouter({ limits: { requests_per_month: 100 } });
  await (await router.chat(ask('x'))).text();
  const first = await scrapeOf(router);
  const whole = readFileSync(router.configPath, 'utf8');
  const reload = () => fetch(`${router.url}/config/reload`, { method: 'POST', headers: { authorization: `Bearer ${tokens.all}` } });
  writeFileSync(router.configPath, 'listen: [');
  await reload();
  const refused = await scrapeOf(router);
  writeFileSync(router.configPath, whole);
  await reload();
  const reloaded = await scrapeOf(router);

  expect([first, refused, reloaded].map(({ sum }) => [sum('config_generation'), sum('config_last_reload_successful')])).toEqual([
    [1, 1],
    [1, 0],
    [2, 1],
  ]);
  expect([
    reloaded.sum('config_reloads_total', { result: 'refused' }),
    reloaded.sum('config_reloads_total', { result: 'reloaded' }),
  ]).toEqual([1, 1]);
  expect(first.sum('license_valid')).toBe(1);
  expect(first.sum('license_expiry_timestamp_seconds')).toBe(Date.UTC(2036, 0, 1) / 1000);
  expect(first.sum('license_requests_this_month')).toBe(1);
  expect(first.sum('ready')).toBe(1);
  expect(first.text).toContain('reference_router_build_info{version="1.0.0",commit="abc",build_date="2026-01-01T00:00:00Z"');
  expect(first.sum('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect(first.sum('process_open_fds')).toBeGreaterThan(5);
});

test('only a caller with the grant reads them, a license must cover them, and they can be switched off', async () => {
  const router = await routerWith();
  const refused = await router.get('/metrics', tokens.small);
  const { router: unlicensed } = await licensedRouter({ features: ['reports'] });
  const forbidden = await unlicensed.get('/metrics', tokens.all);
  const off = await routerWith({ config: { metrics: { enabled: false } } });

  expect((await router.get('/metrics')).status).toBe(401);
  expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'metrics-forbidden' } }]);
  expect([forbidden.status, await forbidden.json()]).toMatchObject([403, { error: { code: 'license-feature-forbidden' } }]);
  expect((await off.get('/metrics', tokens.all)).status).toBe(404);
  expect((await router.get('/metrics', tokens.all)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
});

test('what a request costs in metrics is a few microseconds', () => {
  const metrics = new RequestMetrics(new MetricRegistry('reference_router'));
  const usage = {
    caller_id: 'me',
    requested_model: 'chat',
    inbound_dialect: 'openai-chat',
    status: 200,
    stream: 1,
    latency_ms: 12,
    ttfb_ms: 3,
  };
  const tokensUsed = { input_tokens: 10, output_tokens: 20, total_cost_usd: 0.001, cache: 'bypass', error: null };
  const rows = {
    usage: { ...usage, ...tokensUsed, upstream_reported_total_cost_usd: null },
    attempts: [{ provider: 'primary', model: 'echo-1', error_class: null }],
    fallbacks: [],
  } as unknown as RequestRows;
  for (let warm = 0; warm < 20_000; warm++) metrics.observe(rows);
  const began = performance.now();
  for (let count = 0; count < 50_000; count++) metrics.observe(rows);
  const eachUs = ((performance.now() - began) * 1000) / 50_000;

  expect(eachUs).toBeLessThan(25);
});
