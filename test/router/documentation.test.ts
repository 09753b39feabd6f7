// The pages of the lab say what the code does: each list is compared in both directions.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routerConfig } from '../../src/router/config/config.js';
import { defectNames } from '../../src/router/defects.js';
import { errorClasses, gatewayErrors } from '../../src/router/gateway-error.js';
import { labLayout } from '../../src/router/lab/lab-layout.js';
import { type MetricSpec, metricList } from '../../src/router/metrics/metric-list.js';
import { notReadyReasons } from '../../src/router/readiness.js';
import { routes } from '../../src/router/routes.js';
import { attemptColumns, errorColumns, fallbackColumns, traceColumns, traceEvents } from '../../src/router/usage/diagnostic-rows.js';
import { migrations } from '../../src/router/usage/migrations.js';
import { usageColumns } from '../../src/router/usage/usage-row.js';
import { schemaKeys } from './schema-keys.js';

const page = (name: string): string => readFileSync(new URL(`../../docs/reference/lab/${name}.md`, import.meta.url), 'utf8');
const section = (text: string, title: string): string => text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const firstCells = (text: string): string[] => [...text.matchAll(/^\| `([^|]+)` \|/gm)].map(([, cell = '']) => cell);
const columns = (title: string): string[] | undefined =>
  /```text\n([^`]+)```/
    .exec(section(page('tables'), title))?.[1]
    ?.trim()
    .split(/\s+/);

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

test.each([
  ['request_usage', usageColumns],
  ['request_attempts', attemptColumns],
  ['request_trace_events', traceColumns],
  ['request_errors', errorColumns],
  ['request_fallback_transitions', fallbackColumns],
])('the page of tables lists the columns of %s in order', (table, expected) => {
  expect(columns(table)).toEqual([...expected]);
});

test('the page of tables lists every trace event and every migration', () => {
  const events = /`event` is one of ([^.]+)\./.exec(page('tables'))?.[1] ?? '';
  const listed = [...section(page('tables'), 'schema_version').matchAll(/^\| (\d+) \| (.+) \| `([a-z-]+)` \|$/gm)];

  expect(events.match(/\w+/g)).toEqual([...traceEvents]);
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

  expect(firstCells(section(page('README'), 'Packages'))).toEqual([...defectNames]);
  expect(layout.filter((path) => !named(path))).toEqual([]);
});
