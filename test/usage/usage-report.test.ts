import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { usageRecordsSqlite } from '../../src/adapters/usage-records-sqlite.js';
import { migrations } from '../../src/router/usage/migrations.js';
import { dimensions } from '../../src/usage/dimensions.js';
import { sinceMoment } from '../../src/usage/since.js';
import { usageReport } from '../../src/usage/usage-report.js';
import type { UsageFigures } from '../../src/usage/usage-totals.js';

const from = '2026-11-20T00:00:00.000Z';
type Row = Readonly<Record<string, string | number | null>>;

/** A database as a router leaves it, by its own migrations up to a version. */
function databaseWith(rows: readonly Row[], version = Number.POSITIVE_INFINITY): string {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-usage-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'usage.sqlite');
  const database = new Database(path);
  for (const { sql, version: each } of migrations) if (each <= version) database.exec(sql);
  const columns = database
    .prepare<[], { name: string; type: string; dflt_value: string | null; notnull: number }>(
      "SELECT * FROM pragma_table_info('request_usage')",
    )
    .all();
  const insert = database.prepare(
    `INSERT INTO request_usage (${columns.map(({ name }) => name).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const ordinary = ({ type, notnull }: { type: string; notnull: number }): string | number | null =>
    notnull === 0 ? null : type === 'TEXT' ? '' : 0;
  database.transaction(() => {
    rows.forEach((row, index) => {
      const whole: Row = { request_id: `req_${index}`, ts: '2026-11-20T10:00:00.000Z', status: 200, ...row };
      insert.run(columns.map((column) => whole[column.name] ?? ordinary(column)));
    });
  })();
  database.close();
  return path;
}

const report = (path: string, more: Partial<Parameters<typeof usageReport>[1]> = {}) =>
  usageReport(usageRecordsSqlite(), { path, from, by: null, expected: null, ...more });

const three: readonly Row[] = [
  {
    caller_id: 'a',
    caller_project: 'p',
    status: 200,
    attempts: 1,
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    total_cost_usd: 1.1,
    latency_ms: 100,
    cache: 'miss',
  },
  { caller_id: 'a', caller_project: '', status: 502, attempts: 3, fallback_used: 1, latency_ms: 5000, stream: 1, cache: 'bypass' },
  {
    caller_id: 'b',
    caller_project: 'p',
    status: 200,
    attempts: 0,
    total_tokens: 200,
    total_cost_usd: 2.2,
    latency_ms: 40_000,
    cache: 'hit',
  },
];

test('the whole is counted and added up', async () => {
  expect((await report(databaseWith(three))).total).toEqual({
    requests: 3,
    errors: 1,
    attempts: 4,
    fallbacks: 1,
    streams: 1,
    inputTokens: 10,
    outputTokens: 5,
    totalTokens: 215,
    inputCostUsd: 0,
    imageCostUsd: 0,
    outputCostUsd: 0,
    totalCostUsd: 3.3,
    averageLatencyMs: 15_033,
    longestLatencyMs: 40_000,
  });
});

test.each([
  ['caller', ['a 2', 'b 1']],
  ['project', ['p 2', '- 1']],
  ['environment', ['- 3']],
  ['status', ['200 2', '502 1']],
  ['cache', ['bypass 1', 'hit 1', 'miss 1']],
  ['latency', ['under 250 ms 1', '3 s to 10 s 1', '30 s and more 1']],
  ['tokens', ['none 1', 'under 100 1', '100 to 999 1']],
  ['cost', ['free 1', '$1 and more 2']],
] as const)('by %s the groups come with their requests, the most first or in the order of the bands', async (by, expected) => {
  const { groups } = await report(databaseWith(three), { by });

  expect(groups.map(({ key, figures }) => `${key} ${figures.requests}`)).toEqual(expected);
});

test('billionths of a dollar add up without the dust of fractions', async () => {
  const path = databaseWith([{ total_cost_usd: 0.00000012 }, { total_cost_usd: 0.000000003 }]);

  expect((await report(path)).total.totalCostUsd).toBe(0.000000123);
});

test('requests from before the moment do not count', async () => {
  const path = databaseWith([{ ts: '2026-11-19T23:59:59.999Z' }, { ts: from }, { ts: '2026-11-21T00:00:00.000Z' }]);

  expect((await report(path)).total.requests).toBe(2);
});

test('expected requests without a row are named in their order', async () => {
  const path = databaseWith([{ request_id: 'req_a' }, { request_id: 'req_old', ts: '2026-11-01T00:00:00.000Z' }]);

  expect((await report(path, { expected: ['req_z', 'req_a', 'req_old'] })).missing).toEqual(['req_z', 'req_old']);
  expect((await report(path, { expected: ['req_a'] })).missing).toEqual([]);
});

test('every dimension adds up to the whole, whatever the rows', async () => {
  const text = fc.constantFrom('', 'a', 'b', 'a long name');
  const row = fc.record({
    caller_id: text,
    caller_project: text,
    caller_environment: text,
    resolved_group: text,
    target_provider: text,
    target_model: text,
    cache: fc.constantFrom('hit', 'miss', 'bypass'),
    status: fc.constantFrom(200, 403, 429, 499, 502),
    attempts: fc.nat(4),
    latency_ms: fc.nat(60_000),
    input_tokens: fc.nat(100_000),
    total_tokens: fc.nat(200_000),
    total_cost_usd: fc.nat(2_000_000_000).map((nano) => nano / 1e9),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
      const path = databaseWith(rows);
      const { total } = await report(path);
      for (const by of dimensions) {
        const { groups, total: same } = await report(path, { by });
        expect(same).toEqual(total);
        const sum = (pick: (figures: UsageFigures) => number): number => groups.reduce((all, { figures }) => all + pick(figures), 0);
        for (const name of ['requests', 'errors', 'attempts', 'inputTokens', 'totalTokens'] as const)
          expect([by, name, sum((figures) => figures[name])]).toEqual([by, name, total[name]]);
        expect(sum(({ totalCostUsd }) => Math.round(totalCostUsd * 1e9))).toBe(Math.round(total.totalCostUsd * 1e9));
      }
    }),
    { numRuns: 15 },
  );
});

test('a router of before is reported too, and what it did not record is named', async () => {
  const { total, groups, unrecorded } = await report(databaseWith([{ caller_id: 'a', total_tokens: 5 }], 1), { by: 'project' });

  expect([total.requests, total.totalTokens, total.fallbacks]).toEqual([1, 5, 0]);
  expect(groups.map(({ key }) => key)).toEqual(['-']);
  expect(unrecorded).toEqual(['fallback_used', 'image_cost_usd', 'caller_project']);
});

test.each([
  ['is not there', () => '/nowhere/usage.sqlite', 'DATABASE_MISSING'],
  [
    'has no usage',
    () => {
      const path = databaseWith([]);
      const database = new Database(path);
      database.exec('DROP TABLE request_usage');
      database.close();
      return path;
    },
    'DATABASE_DAMAGED',
  ],
])('a database that %s is refused with what to do', async (_, path, code) => {
  await expect(report(path())).rejects.toMatchObject({ code, hint: expect.any(String) });
});

test('a report of nothing is all zeros', async () => {
  expect((await report(databaseWith([]), { by: 'caller' })).total).toMatchObject({ requests: 0, totalCostUsd: 0, averageLatencyMs: null });
});

test.each([
  ['90m', '2026-11-20T10:30:00.000Z'],
  ['24h', '2026-11-19T12:00:00.000Z'],
  ['7d', '2026-11-13T12:00:00.000Z'],
  ['30s', '2026-11-20T11:59:30.000Z'],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T02:00:00+02:00', '2026-11-01T00:00:00.000Z'],
])('since %s begins at %s', (text, moment) => {
  expect(sinceMoment(text, Date.parse('2026-11-20T12:00:00Z'))).toBe(moment);
});

test.each(['', '0h', '-1h', '1w', 'yesterday', '1', '2026-13-01', '1h30m'])('since "%s" is refused', (text) => {
  expect(() => sinceMoment(text, 0)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
