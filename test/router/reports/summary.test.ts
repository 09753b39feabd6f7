import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../../src/router/usage/migrations.js';
import { packed } from '../../../src/router/usage/packed-rows.js';
import { UsageDatabase } from '../../../src/router/usage/usage-database.js';
import { type UsageRow, usageColumns } from '../../../src/router/usage/usage-row.js';
import { startAdminRouter } from '../access/admin-room.js';
import type { StartedRouter } from '../started-router.js';
import { disagreements, summaryOf } from './report-room.js';
import { busyRows, usageRow, withoutDiagnostics, writeRows } from './usage-rows.js';

let router: StartedRouter;
beforeAll(async () => {
  router = await startAdminRouter({ attempts: { max: 1000 } });
});
afterAll(() => router.stop());

const write = (rows: readonly UsageRow[]): void => writeRows(router.databasePath, rows.map(withoutDiagnostics));

/** The same numbers by another way: every row of the period, read with SQL that knows no rollup. */
function counted(fromMs: number, toMs: number): Record<string, number> {
  const database = new Database(router.databasePath, { readonly: true });
  try {
    return database
      .prepare<unknown[], Record<string, number>>(
        `SELECT count(*) AS requests, coalesce(sum(error IS NOT NULL), 0) AS errors, coalesce(sum(total_tokens), 0) AS tokens,
         coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(attempts), 0) AS attempts, coalesce(sum(stream), 0) AS streams,
         coalesce(sum(cast(round(total_cost_usd * 1e9) AS INTEGER)), 0) AS nanoUsd, coalesce(max(latency_ms), 0) AS longest,
         coalesce(sum(cache = 'hit'), 0) AS hits, coalesce(sum(output_tokens), 0) AS outputTokens,
         coalesce(sum(cast(round(input_cost_usd * 1e9) AS INTEGER)), 0) AS inputNanoUsd,
         coalesce(sum(cast(round(output_cost_usd * 1e9) AS INTEGER)), 0) AS outputNanoUsd,
         coalesce(sum(fallback_used), 0) AS fallbacks, coalesce(round(avg(latency_ms), 1), 0) AS meanLatency,
         coalesce(round(avg(ttfb_ms), 1), 0) AS meanFirstByte,
         coalesce(round(avg(upstream_output_tokens_per_sec), 1), 0) AS upstreamRate FROM request_usage WHERE ts >= ? AND ts < ?`,
      )
      .get(new Date(fromMs).toISOString(), new Date(toMs).toISOString()) as Record<string, number>;
  } finally {
    database.close();
  }
}

const day = 86_400_000;
const someMonth = Date.parse('2026-03-01T00:00:00Z');

test('whatever the period, every way to group adds up to the total, and the total is what the rows say', async () => {
  write([...busyRows(4000, someMonth, someMonth + 20 * day)]);
  // Rows of one busy hour, so that periods of minutes have some too.
  write([...busyRows(600, someMonth + 5 * day, someMonth + 5 * day + 3_600_000, 3)]);
  const moment = fc.integer({ min: -day, max: 21 * day });
  const near = fc.integer({ min: 1, max: 4 * 3_600_000 }).map((length) => [5 * day - 1_800_000, 5 * day - 1_800_000 + length] as const);
  const period = fc.oneof(fc.tuple(moment, moment), near).filter(([from, to]) => from < to);
  await fc.assert(
    fc.asyncProperty(period, async ([from, to]) => {
      const [fromMs, toMs] = [someMonth + from, someMonth + to];
      const query = new URLSearchParams({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
      const found = await summaryOf(router, query.toString());
      const { summary, cache } = found;
      const expected = counted(fromMs, toMs);
      expect(disagreements(found)).toEqual([]);
      expect({
        requests: summary.requests,
        errors: summary.errors,
        tokens: summary.tokens,
        inputTokens: summary.inputTokens,
        attempts: summary.attempts,
        streams: summary.streams,
        nanoUsd: Math.round(summary.totalCostUsd * 1e9),
        longest: summary.maxLatencyMs ?? 0,
        hits: cache.hits,
        outputTokens: summary.outputTokens,
        inputNanoUsd: Math.round(summary.inputCostUsd * 1e9),
        outputNanoUsd: Math.round(summary.outputCostUsd * 1e9),
        fallbacks: summary.fallbacks,
        meanLatency: summary.avgLatencyMs ?? 0,
        meanFirstByte: summary.avgTtfbMs ?? 0,
        upstreamRate: summary.avgUpstreamOutputTokensPerSec ?? 0,
      }).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('rows that another program wrote, and rows of an older router after going back, are counted at once and added later', async () => {
  const since = Date.parse('2026-05-01T00:00:00Z');
  const query = 'from=2026-05-01T00:00:00Z&to=2026-05-10T00:00:00Z';
  write([...busyRows(50, since, since + day)]);
  const database = new Database(router.databasePath);
  const places = usageColumns.map(() => '?').join(', ');
  const insert = database.prepare(`INSERT INTO request_usage (${usageColumns.join(', ')}) VALUES (${places})`);
  for (const row of busyRows(30, since + day, since + 2 * day, 9)) insert.run(...usageColumns.map((column) => row[column]));
  const covered = () => database.prepare('SELECT covered_rowid FROM usage_rollup_state').pluck().get();
  const last = () => database.prepare('SELECT max(rowid) FROM request_usage').pluck().get();
  expect(covered()).not.toBe(last());
  expect((await summaryOf(router, query)).summary.requests).toBe(80);

  write([...busyRows(20, since + 2 * day, since + 3 * day, 11)]);
  expect((await summaryOf(router, query)).summary.requests).toBe(100);
  const again = UsageDatabase.open(router.databasePath, '1.0.0');
  while (again.rollupDue) again.catchUp(40);
  again.close();
  expect(covered()).toBe(last());
  database.close();
  const found = await summaryOf(router, query);
  expect([found.summary.requests, disagreements(found)]).toEqual([100, []]);
});

test('a database of before the rollup is filled in after its migration, and reports are right meanwhile', async () => {
  const old = await startAdminRouter();
  await old.drain();
  const since = Date.parse('2026-06-01T00:00:00Z');
  writeRows(old.databasePath, [...busyRows(2500, since, since + 2 * day)].map(withoutDiagnostics));
  const database = new Database(old.databasePath);
  database.exec(
    'DROP TABLE usage_rollup; DROP TABLE usage_rollup_histogram; DROP TABLE usage_rollup_state; DELETE FROM schema_version WHERE version >= 3',
  );
  const opened = UsageDatabase.open(old.databasePath, '2.0.0');
  const pieces: number[] = [];
  while (opened.rollupDue) {
    opened.catchUp(1000);
    pieces.push(Number(database.prepare('SELECT covered_rowid FROM usage_rollup_state').pluck().get()));
  }
  opened.close();
  const total = database.prepare("SELECT sum(requests) FROM usage_rollup WHERE span_ms = 3600000 AND dimension = 'status'").pluck().get();
  database.close();
  await old.stop();

  expect(pieces).toEqual([1000, 2000, 2500]);
  expect(total).toBe(2500);
  expect(migrations.find(({ version }) => version === 3)?.kind).toBe('compatible');
});

test('a batch that could not be written is not counted, and nothing of it is left in the rollup', async () => {
  const opened = UsageDatabase.open(router.databasePath, '1.0.0');
  const counted = async (): Promise<number> =>
    (await summaryOf(router, 'from=2026-07-01T00:00:00Z&to=2026-07-02T00:00:00Z')).summary.requests;
  const catchUp = (): void => {
    do opened.catchUp(1000);
    while (opened.rollupDue);
  };
  const [good, bad] = [usageRow({ ts: '2026-07-01T10:00:00.000Z' }), usageRow({ ts: '2026-07-01T10:00:01.000Z' })];
  catchUp();
  opened.insert([packed(withoutDiagnostics(good))]);
  // Its usage row can be written, its fallbacks cannot: the whole batch is taken back after it was added up.
  const fallback = {
    request_id: bad.request_id,
    seq: 1,
    ts: bad.ts,
    from_provider: 'a',
    from_model: 'b',
    to_provider: 'c',
    to_model: 'd',
    reason: 'e',
  };
  expect(() => opened.insert([packed({ ...withoutDiagnostics(bad), fallbacks: [fallback, fallback] })])).toThrow('UNIQUE');
  catchUp();
  expect(await counted()).toBe(1);
  opened.insert([packed(withoutDiagnostics(bad))]);
  expect(() => opened.insert([packed(withoutDiagnostics(bad))])).toThrow('UNIQUE');
  catchUp();
  opened.close();

  expect(await counted()).toBe(2);
});

test('the series has every stretch of the period, in steps that fit it, and percentiles within a tenth of the truth', async () => {
  const since = Date.parse('2026-08-03T08:00:00Z');
  write(
    Array.from({ length: 200 }, (_, at) =>
      usageRow({ ts: new Date(since + at * 1000).toISOString(), latency_ms: (at + 1) * 10, ttfb_ms: at < 100 ? 50 : null }),
    ),
  );
  const fine = await summaryOf(router, 'from=2026-08-03T08:00:00Z&to=2026-08-03T09:00:00Z');
  const hourly = await summaryOf(router, 'from=2026-08-03T00:00:00Z&to=2026-08-04T00:00:00Z');
  const daily = await summaryOf(router, 'from=2026-08-01T12:00:00Z&to=2026-08-20T12:00:00Z');

  expect([fine, hourly, daily].map(({ seriesStepSeconds, series }) => [seriesStepSeconds, series.length])).toEqual([
    [300, 12],
    [3600, 24],
    [86_400, 20],
  ]);
  for (const { summary } of [fine, hourly, daily]) {
    expect(summary.latency.p50 / 1000).toBeGreaterThanOrEqual(1);
    expect(summary.latency.p50 / 1000).toBeLessThan(1.1);
    expect(summary.latency.p95 / 1900).toBeLessThan(1.1);
    expect(summary.latency.p99).toBe(2000);
    expect(summary).toMatchObject({ avgLatencyMs: 1005, maxLatencyMs: 2000, avgTtfbMs: 50 });
  }
});
