import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { RequestEvidence } from '../../../src/router/reports/request-evidence.js';
import { basic, callerTokens, errorCode, startAdminRouter, visit } from '../access/admin-room.js';
import { ask, type StartedRouter } from '../started-router.js';
import { groupings, type Summary, summaryOf } from './report-room.js';
import { busyRows, usageRow, withoutDiagnostics, writeRows } from './usage-rows.js';

let router: StartedRouter;
let answered = '';
let failed = '';
beforeAll(async () => {
  router = await startAdminRouter({ attempts: { max: 10_000 } }, { models: { small: 'echo-1', broken: 'status-500' } });
  const id = async (model: string): Promise<string> => {
    const answer = await router.chat(ask('hello', { model }), { token: callerTokens.alpha });
    return (await router.row(answer.headers.get('x-request-id'))).request_id;
  };
  answered = await id('small');
  failed = await id('broken');
});
afterAll(() => router.stop());

const get = (path: string): Promise<Response> => visit(router, `/admin/reports/${path}`, { headers: basic('root') });
const json = async <Body>(path: string): Promise<Body> => (await (await get(path)).json()) as Body;

test('the summary has the published members, and tells the same as the usage rows', async () => {
  const summary = await json<Summary & Record<string, unknown>>('api/summary?since=1h');
  const row = await router.row(answered);

  expect(Object.keys(summary)).toEqual(
    expect.arrayContaining(['period', 'summary', 'series', 'charts', ...groupings, 'cache', 'requests', 'pagination', 'generatedUtc']),
  );
  expect(summary.summary).toMatchObject({
    requests: 2,
    errors: 1,
    tokens: row.total_tokens,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.total_cost_usd,
    totalCostUsd: row.total_cost_usd,
    attempts: 2,
    streams: 0,
  });
  expect(summary.byStatus.map(({ value, requests }) => [value, requests])).toEqual([
    ['200', 1],
    ['502', 1],
  ]);
  expect(summary.byToken[0]).toMatchObject({
    tokenId: 'tok_alpha-caller',
    ownerUser: 'alpha-caller@example.test',
    project: 'alpha',
    environment: 'prod',
    callerId: 'alpha-caller',
    requests: 2,
  });
  expect(summary.charts.map(({ id }) => id)).toEqual(['requests', 'tokens', 'cost', 'cache', 'latency', 'ttft']);
});

test('a request is told whole, with what is there and what is not', async () => {
  const request = await json<Record<string, unknown>>(`api/request/${failed}`);
  const evidence = await json<RequestEvidence>(`api/request-evidence?request_id=${failed}`);
  const page = await (await get(`requests/${failed}`)).text();

  expect(request).toMatchObject({
    request: { request_id: failed, status: 502, error: 'upstream-failed' },
    attempts: [{ attempt_index: 1, provider: 'primary', status_code: 500, error_class: 'upstream_status_5xx' }],
    error: { error_type: 'upstream-failed' },
    fallbacks: [],
    evidence,
  });
  expect(evidence).toMatchObject({ requestId: failed, diagnosticCompleteness: 'partial_expected' });
  expect(evidence.evidenceSections.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'request_usage present',
    'request_attempts present',
    'request_trace_events present',
    'request_errors present',
    'request_fallback_transitions not_applicable',
  ]);
  for (const words of [failed, 'upstream_status_5xx', 'request_accepted', 'alpha-caller@example.test']) expect(page).toContain(words);
});

test('evidence that is gone is called missing, and a row without any is minimal', async () => {
  const [lost, old] = [usageRow({ status: 502, error: 'upstream-failed' }), usageRow({ ts: '2026-02-01T00:00:00.000Z' })];
  const trace = { seq: 1, event: 'request_accepted', message: 'the caller is known', provider: null, model: null, dialect: null } as const;
  const rest = { duration_ms: null, status_code: null, error_class: null, retryable: null, attempt: null };
  writeRows(router.databasePath, [
    { ...withoutDiagnostics(lost), trace: [1, 2].map((seq) => ({ ...trace, ...rest, seq, request_id: lost.request_id, ts: lost.ts })) },
    withoutDiagnostics(old),
  ]);
  const completeness = async (id: string) => (await json<RequestEvidence>(`api/request-evidence?request_id=${id}`)).diagnosticCompleteness;

  expect([await completeness(lost.request_id), await completeness(old.request_id)]).toEqual(['partial_missing', 'minimal']);
});

describe('the list', () => {
  const from = Date.parse('2026-04-01T00:00:00Z');
  const rows = [...busyRows(230, from, from + 3_600_000, 5)];
  const period = 'from=2026-04-01T00:00:00Z&to=2026-04-02T00:00:00Z';
  beforeAll(() => writeRows(router.databasePath, rows.map(withoutDiagnostics)));

  test('comes in pages that together are every request once, newest first', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const more = cursor === '' ? '' : `&cursor=${cursor}`;
      const found: Summary = await json<Summary>(`api/requests?${period}&limit=50${more}`);
      seen.push(...found.requests.map(({ request_id }) => request_id));
      expect(found.pagination).toMatchObject({
        limit: 50,
        total_count: 230,
        has_more: found.pagination.next_cursor !== null,
        sort: 'ts',
        direction: 'desc',
        mode: 'cursor',
      });
      cursor = found.pagination.next_cursor;
    }

    expect(seen).toEqual(rows.map(({ request_id }) => request_id).reverse());
  });

  test('requests that come in while one turns the pages move nothing', async () => {
    const first = await json<Summary>(`api/requests?${period}&limit=10`);
    writeRows(router.databasePath, [withoutDiagnostics(usageRow({ ts: '2026-04-01T23:00:00.000Z', caller_id: 'late' }))]);
    const second = await json<Summary>(`api/requests?${period}&limit=10&cursor=${first.pagination.next_cursor}`);

    expect(second.requests.map(({ request_id }) => request_id)).toEqual(
      rows
        .map(({ request_id }) => request_id)
        .reverse()
        .slice(10, 20),
    );
  });

  test.each([
    ['caller', 'byCaller'],
    ['token', 'byToken'],
    ['project', 'byProject'],
    ['environment', 'byEnvironment'],
    ['model_group', 'byGroup'],
    ['provider', 'byProvider'],
    ['model', 'byModel'],
    ['status', 'byStatus'],
    ['cache', 'byCache'],
    ['latency_band', 'byLatencyBand'],
    ['token_band', 'byTokenBand'],
    ['cost_band', 'byCostBand'],
  ] as const)('filtered by %s has as many requests as the summary counts in %s', async (parameter, grouping) => {
    const groups = (await summaryOf(router, period))[grouping];
    const counts = await Promise.all(
      groups.map(async ({ value }) => {
        const query = new URLSearchParams({ from: '2026-04-01T00:00:00Z', to: '2026-04-02T00:00:00Z', [parameter]: value });
        return [value, (await json<Summary>(`api/requests?${query}`)).pagination.total_count] as const;
      }),
    );

    expect(counts).toEqual(groups.map(({ value, requests }) => [value, requests]));
  });
});

test.each([
  ['since=soon', 'since'],
  ['since=0h', 'since'],
  ['since=400d', 'since'],
  ['since=24h&from=2026-04-01T00:00:00Z', 'since'],
  ['to=2026-04-01T00:00:00Z', 'from'],
  ['from=yesterday', 'from'],
  ['from=2026-02-30T00:00:00Z&to=2026-03-05T00:00:00Z', 'from'],
  ['from=2025-02-29T12:00:00%2B02:00&to=2025-03-05T00:00:00Z', 'from'],
  ['from=2026-04-01T24:00:00Z&to=2026-04-05T00:00:00Z', 'from'],
  ['from=2026-04-01T00:00:00Z&to=2026-04-31T00:00:00Z', 'to'],
  ['from=2026-04-01T00:00:00Z&to=2026-03-01T00:00:00Z', 'to'],
  ['from=2026-01-01T00:00:00Z&to=2026-04-01T00:00:00Z', 'from'],
  ['since=24h&since=1h', 'since'],
  ['sinse=24h', 'sinse'],
  ['limit=0', 'limit'],
  ['limit=501', 'limit'],
  ['limit=many', 'limit'],
  ['cursor=abc', 'cursor'],
  ['status=200;DROP', 'status'],
  ['cache=maybe', 'cache'],
  ['cost_band=cheap', 'cost_band'],
  ['errors=yes', 'errors'],
  [`caller=${'x'.repeat(201)}`, 'caller'],
])('%s is refused by the name of the parameter', async (query, parameter) => {
  const answer = await get(`api/requests?${query}`);
  const { error } = (await answer.json()) as { error: { code: string; message: string; details: unknown } };

  expect([answer.status, error.code, error.details]).toEqual([400, 'invalid-report-filter', { parameter }]);
  expect(error.message).toMatch(new RegExp(`^${parameter} `));
});

test('a parameter that could be anything is not repeated', async () => {
  const answer = await get('api/summary?canary%20secret%3Cscript%3E=1');

  expect([answer.status, (await answer.text()).includes('canary')]).toEqual([400, false]);
});

test('the Markdown report has the published lines and sections, and nothing from a config becomes markup', async () => {
  const row = usageRow({
    ts: '2026-09-01T10:00:00.000Z',
    token_id: 'tok',
    caller_user: 'a|b`<script>[x](http://e)\n# big',
    caller_id: 'c_*d*',
  });
  writeRows(router.databasePath, [withoutDiagnostics(row)]);
  const answer = await get('export.md?from=2026-09-01T00:00:00Z&to=2026-09-02T00:00:00Z');
  const text = await answer.text();

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="reference-router-usage-2026-09-02.md"');
  expect(text).toMatch(/^# Reference Router Usage Report\n/);
  for (const line of [
    'Requests: `1`',
    'Errors: `0`',
    'Total Tokens: `150`; Input Tokens: `100`; Output Tokens: `50`',
    'Cost: `$0.0006` total, `$0.0002` input, `$0` image, `$0.0004` output',
  ])
    expect(text.split('\n')).toContain(line);
  expect(text.match(/^#+ .+$/gm)).toEqual([
    '# Reference Router Usage Report',
    ...[
      'Usage By Token',
      ...['Caller', 'Caller IP', 'Project', 'Environment', 'Model Group', 'Provider', 'Model', 'Status', 'Cache'].map(
        (dimension) => `Usage By ${dimension}`,
      ),
      'Usage By Latency Band',
      'Usage By Token Band',
      'Usage By Cost Band',
      'Usage Over Time',
      'Cache Summary',
    ].map((title) => `## ${title}`),
    '## Downstream User Performance',
    '## Upstream Endpoint Performance',
    '## Per-Request Throughput',
  ]);
  for (const line of [
    '| 127.0.0.1 | 1 | 0 | 150 | 100 | 50 | $0.0006 |',
    '| under 250 ms | 1 | 0 | 150 | 100 | 50 | $0.0006 |',
    '| 100 to 999 | 1 | 0 | 150 | 100 | 50 | $0.0006 |',
    '| under &#36;0.001 | 1 | 0 | 150 | 100 | 50 | $0.0006 |',
    `| ${row.request_id} | ${row.ts} | c&#95;&#42;d&#42; | echo-1 | 200 | 50 | 120 | 40 | 500 | 625 |`,
  ])
    expect(text.split('\n')).toContain(line);
  expect(text).toContain(
    '| tok | a&#124;b&#96;&#60;script&#62;&#91;x&#93;&#40;http://e&#41; &#35; big | alpha | prod | c&#95;&#42;d&#42; |',
  );
});

test('the addresses of the Markdown report are every request once, the busiest first and the rarest together', async () => {
  const at = Date.parse('2026-11-01T10:00:00Z');
  const from = (address: number): string => `192.0.2.${address}`;
  const often = Array.from({ length: 100 }, (_, address) => [address, address] as const).flat();
  const rows = [...often, 100, 101, 102].map((address, index) =>
    usageRow({ ts: new Date(at + index).toISOString(), caller_ip: from(address), status: address === 102 ? 502 : 200 }),
  );
  writeRows(router.databasePath, rows.map(withoutDiagnostics));
  const text = await (await get('export.md?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z')).text();
  const [, section = ''] = text.split('## Usage By Caller IP');
  const lines = section.split('\n## ', 1)[0]?.trim().split('\n').slice(2) ?? [];

  expect(text).toContain('Requests: `203`');
  expect(lines).toHaveLength(101);
  expect(new Set(lines.slice(0, 100).map((line) => line.split(' | ')[1]))).toEqual(new Set(['2']));
  expect(lines[100]).toBe('| 3 others | 3 | 1 | 450 | 300 | 150 | $0.0018 |');
});

test('nothing that came from a caller becomes HTML', async () => {
  const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u0000';
  const row = usageRow({
    ts: '2026-10-01T10:00:00.000Z',
    client: hostile,
    caller_id: hostile,
    caller_user: hostile,
    resolved_group: hostile,
    target_model: hostile,
    error: hostile,
  });
  writeRows(router.databasePath, [withoutDiagnostics(row)]);
  const period = 'from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z';
  const pages = [
    `?${period}`,
    `requests?${period}`,
    `requests?${period}&caller=${encodeURIComponent('"><script>')}`,
    `requests/${row.request_id}`,
  ];

  for (const path of pages) {
    const text = await (await get(path)).text();
    expect(text).not.toMatch(/<script|<img|onerror=alert\(1\)>/);
    expect(text).toContain('&lt;script&gt;');
  }
});

test('a period in which nothing happened is a page too, and so is a router that nobody asked', async () => {
  const page = await get('?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z');
  const { summary, series } = await summaryOf(router, 'from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z');

  expect([page.status, series.length]).toEqual([200, 24]);
  expect(summary).toMatchObject({ requests: 0, avgLatencyMs: null, maxLatencyMs: null, latency: { p50: null } });
});

test('a database that cannot be asked is a refusal that quotes nothing of it', async () => {
  const gone = await startAdminRouter();
  onTestFinished(() => gone.stop());
  const database = new Database(gone.databasePath);
  database.exec('DROP TABLE usage_rollup');
  database.close();
  const missing = await visit(gone, '/admin/reports/api/summary', { headers: basic('root') });
  rmSync(gone.databasePath);
  const nothing = await visit(gone, '/admin/reports/api/summary', { headers: basic('root') });

  expect([missing.status, nothing.status]).toEqual([500, 500]);
  expect(await errorCode(nothing)).toBe('report-query-failed');
  expect(await missing.text()).not.toMatch(/usage_rollup|no such table/);
});
