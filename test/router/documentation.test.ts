// The pages of the lab say what the code does: each list is compared in both directions.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { policyObjects } from '../../src/router/access/policy.js';
import { routerConfig } from '../../src/router/config/config.js';
import { defectNames } from '../../src/router/defects.js';
import { errorClasses, gatewayErrors } from '../../src/router/gateway-error.js';
import { labLayout } from '../../src/router/lab/lab-layout.js';
import { labLicense, signLicense } from '../../src/router/lab/lab-license.js';
import { licenseStateText } from '../../src/router/license/license-state.js';
import { type MetricSpec, metricList } from '../../src/router/metrics/metric-list.js';
import { notReadyReasons } from '../../src/router/readiness.js';
import type { PassedBy } from '../../src/router/requests/exhausted-targets.js';
import { routes } from '../../src/router/routes.js';
import { costBands, latencyBands, tokenBands } from '../../src/router/usage/bands.js';
import { traceEvents } from '../../src/router/usage/diagnostic-rows.js';
import { migrations } from '../../src/router/usage/migrations.js';
import { UsageDatabase } from '../../src/router/usage/usage-database.js';
import type { UsageRow } from '../../src/router/usage/usage-row.js';
import { firstCells, page, section, tableUnder, words } from './lab-pages.js';
import { schemaKeys } from './schema-keys.js';

test('the page of errors lists every code with its status, and no other', () => {
  const listed = [...page('errors').matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)]);

  expect(new Map(listed as [string, number][])).toEqual(new Map(Object.entries(gatewayErrors)));
});

test('the page of errors lists every class of trouble with an upstream, and no other', () => {
  expect(new Set(firstCells(section(page('errors'), 'Classes')))).toEqual(new Set(errorClasses));
});

test('the page of endpoints lists every path with its method, and no other', () => {
  const listed = firstCells(page('endpoints')).filter((cell) => /^(GET|POST)( or POST)? \//.test(cell));

  expect(new Set(listed)).toEqual(new Set(Object.entries(routes).map(([path, { method }]) => `${method} ${path}`)));
});

test('the page of endpoints lists every reason of readiness, and no other', () => {
  const listed = firstCells(section(page('endpoints'), 'Readiness')).flatMap((cell) => cell.split('`, `'));

  expect(new Set(listed)).toEqual(new Set(notReadyReasons));
});

test('the page of config lists every key of the schema, and no other', () => {
  const listed = firstCells(section(page('config'), 'Keys')).map((key) => key.replaceAll(/<[a-z]+>/g, '<name>'));

  expect(listed.toSorted()).toEqual(schemaKeys(routerConfig).toSorted());
});

test('the page of tables lists every column of every table, in order, with its type and whether it may be NULL', () => {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-tables-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  UsageDatabase.open(join(directory, 'usage.sqlite'), '1.0.0').close();
  const database = new Database(join(directory, 'usage.sqlite'), { readonly: true });
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  const columns = (table: string): string[] =>
    database
      .prepare<[string], { name: string; type: string; notnull: 0 | 1; pk: number }>(
        'SELECT name, type, "notnull", pk FROM pragma_table_info(?)',
      )
      .all(table)
      .map(({ name, type, notnull, pk }) => `${name} ${type.toLowerCase()}${notnull === 1 || pk > 0 ? '' : ', null'}`);
  const listed = page('tables')
    .split(/^## /m)
    .slice(1)
    .map((text) => [
      text.split('\n', 1)[0],
      [...tableUnder(text, 'column').matchAll(/^\| `(\w+)` \| ([a-z, ]+) \| \S.* \|$/gm)].map(([, name, type]) => `${name} ${type}`),
    ]);
  const expected = Object.fromEntries(tables.map((table) => [table, columns(table)]));
  database.close();

  expect(tables).toContain('usage_rollup_state');
  expect(Object.fromEntries(listed)).toEqual(expected);
});

test('the page of tables lists the values of a column that has only some', () => {
  const states: { readonly [Column in 'cache' | 'quota_state' | 'key_state' | 'traffic_shape_state']: Record<UsageRow[Column], true> } = {
    cache: { hit: true, miss: true, bypass: true },
    quota_state: { ok: true, soft: true, reject: true },
    key_state: { active: true, soft: true, exhausted: true },
    traffic_shape_state: { none: true, queued: true, rejected: true },
  };
  const meaning = (column: string): string =>
    new RegExp(`^\\| \`${column}\` \\|.*$`, 'm').exec(section(page('tables'), 'request_usage'))?.[0] ?? '';

  for (const [column, values] of Object.entries(states))
    expect(words(meaning(column))).toEqual(expect.arrayContaining(Object.keys(values)));
});

test('the page of tables lists the bands of each dimension', () => {
  const rows = tableUnder(section(page('tables'), 'usage_rollup'), 'dimension')
    .split('\n')
    .slice(2);
  const listed = rows.map((row) => row.split(' | ')).map(([name = '', , values = '']) => [words(name)[0], words(values)]);

  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(
      Object.entries({ latency_band: latencyBands, token_band: tokenBands, cost_band: costBands }).map(([name, bands]) => [
        name,
        bands.map((band) => band.name),
      ]),
    ),
  );
});

test('the page of errors lists why a target is passed by, and nothing else', () => {
  const reasons: Record<PassedBy['reason'], true> = { target_busy: true, breaker_open: true, retry_after: true };

  expect(firstCells(section(page('errors'), 'Targets that were not asked')).toSorted()).toEqual(Object.keys(reasons).toSorted());
});

test('the page of the license lists every member of its file, its payload and its state', () => {
  const { limits, ...payload } = labLicense;
  const issued = { id: 'lic', signature: 'signature' };
  const state = JSON.parse(licenseStateText({ lastSeenMs: 0, month: '2026-11', requests: 1 }, issued)) as object;
  const members = (title: string, head: string): string[] => firstCells(tableUnder(section(page('license'), title), head));

  expect(members('The file', 'member')).toEqual(Object.keys(JSON.parse(signLicense(labLicense)) as object));
  expect(members('The file', 'in the payload')).toEqual([
    ...Object.keys(payload),
    'limits',
    ...Object.keys(limits).map((name) => `limits.${name}`),
  ]);
  expect(members('The state file', 'member')).toEqual(Object.keys(state));
});

test('the page of config lists every object and action of a policy', () => {
  const listed = [...tableUnder(section(page('config'), 'Administrators'), 'object').matchAll(/^\| `([a-z:]+)` \| `([a-z]+)` \|/gm)];

  expect(listed.map(([, object, action]) => `${object} ${action}`)).toEqual(
    Object.entries(policyObjects).flatMap(([object, actions]) => actions.map((action) => `${object} ${action}`)),
  );
});

test('the page of metrics lists every label, and no other', () => {
  const labels = Object.values<MetricSpec>(metricList).flatMap((metric) => [...metric.labels]);
  const listed = firstCells(tableUnder(section(page('metrics'), 'Labels'), 'label')).flatMap((cell) => cell.split('`, `'));

  expect(listed.toSorted()).toEqual([...new Set(labels)].toSorted());
});

test('the page of tables lists every trace event and every migration', () => {
  const events = firstCells(tableUnder(section(page('tables'), 'request_trace_events'), 'event'));
  const listed = [...section(page('tables'), 'schema_version').matchAll(/^\| (\d+) \| (.+) \| `([a-z-]+)` \|$/gm)];

  expect(events).toEqual([...traceEvents]);
  expect(listed.map(([, version, name, kind]) => [Number(version), name, kind])).toEqual(
    migrations.map(({ version, name, kind }) => [version, name, kind]),
  );
});

test('the page of metrics lists every metric with its type, labels and help', () => {
  const listed = [...page('metrics').matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$/gm)].map(([, name, type, labels = '', help]) => [
    name,
    { type, labels: labels.match(/\w+/g) ?? [], help },
  ]);

  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(
      Object.entries<MetricSpec>(metricList).map(([name, { type, labels, help }]) => [name, { type, labels: [...labels], help }]),
    ),
  );
});

test('the first page lists every defect and every file of a practice deployment', () => {
  const layout = Object.values(labLayout('')).filter((path) => path !== '');
  const text = section(page('README'), 'A practice deployment');
  const named = (path: string): boolean =>
    text.includes(path) || (path.startsWith('current/') && text.includes('current')) || (path.startsWith('run/') && text.includes('run/'));

  expect(firstCells(section(page('README'), 'Releases that look healthy and are not'))).toEqual([...defectNames]);
  expect(layout.filter((path) => !named(path))).toEqual([]);
});
