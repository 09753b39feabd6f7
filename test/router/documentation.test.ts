import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defectNames } from '../../src/router/defects.js';
import { gatewayErrors } from '../../src/router/gateway-error.js';
import { labLayout } from '../../src/router/lab/lab-layout.js';
import { notReadyReasons } from '../../src/router/readiness.js';
import { routes } from '../../src/router/routes.js';
import { usageColumns } from '../../src/router/usage/usage-row.js';

const page = readFileSync(new URL('../../docs/reference/reference-router.md', import.meta.url), 'utf8');
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const firstCells = (text: string): string[] => [...text.matchAll(/^\| `([^|]+)` \|/gm)].map(([, cell = '']) => cell);

test('the page lists every error code with its status, and no other', () => {
  const listed = [...section('Errors').matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)]);

  expect(new Map(listed as [string, number][])).toEqual(new Map(Object.entries(gatewayErrors)));
});

test('the page lists every endpoint, and no other', () => {
  expect(firstCells(section('Endpoints')).filter((cell) => /^(GET|POST) /.test(cell))).toEqual(
    Object.entries(routes).map(([path, { method }]) => `${method} ${path}`),
  );
});

test('the page lists every reason of readiness, and no other', () => {
  const listed = firstCells(section('Endpoints').slice(section('Endpoints').indexOf('/readyz` names'))).flatMap((cell) =>
    cell.split('`, `'),
  );

  expect(new Set(listed)).toEqual(new Set(notReadyReasons));
});

test('the page lists every usage column in order', () => {
  expect(/```text\n([^`]+)```/.exec(section('Usage database'))?.[1]?.trim().split(/\s+/)).toEqual([...usageColumns]);
});

test('the page lists every defect and every file of a practice deployment', () => {
  const layout = Object.values(labLayout('')).filter((path) => path !== '');
  const text = section('A practice deployment');
  const named = (path: string): boolean =>
    text.includes(path) || (path.startsWith('current/') && text.includes('current')) || (path.startsWith('run/') && text.includes('run/'));

  expect(firstCells(section('Packages'))).toEqual([...defectNames]);
  expect(layout.filter((path) => !named(path))).toEqual([]);
});
