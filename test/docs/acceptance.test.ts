// The page of what this version covers names only checks, changes and tests that exist, and each id once.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stems, text } from '../architecture/tree.js';

const rows = text('docs/reference/acceptance.md')
  .split('\n')
  .filter((line) => /^\| [A-Z]\d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const ids = rows.flatMap(([, cell = '']) => cell.split(', '));
const missing = (text: string, pattern: RegExp, known: (name: string) => boolean) =>
  [...text.matchAll(pattern)].map(([, name = '']) => name).filter((name) => !known(name));

test('every id has the form of an id, and stands once and in order', () => {
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id) => !/^[URX]\d{3}$/.test(id))).toEqual([]);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => 'URX'.indexOf(a[0] ?? '') - 'URX'.indexOf(b[0] ?? '') || (a < b ? -1 : 1)));
});

test('everything that a row leans on exists', () => {
  const wrong = rows.flatMap(([, id, , by = '', proof = '']) =>
    [
      ...missing(proof, /`(test\/[^`]+)`/g, existsSync),
      ...missing(by, /\bchecks? `([^`]+)`/g, (kind) => stems('checks', '.ts').includes(kind)),
      ...missing(by, /\bchange `([^`]+)`/g, (kind) => stems('src/changes', '.ts').includes(kind)),
      ...(by === '' || proof === '' ? ['nothing'] : []),
    ].map((name) => `${id}: ${name}`),
  );

  expect(wrong).toEqual([]);
});

test('a row that says "its test" names one check or change that has one', () => {
  const wrong = rows
    .filter(([, , , , proof = '']) => proof.startsWith('its test'))
    .filter(([, , , by = '']) => {
      const kind = /(?:check|change|`checkUndo` of) `([^`]+)`/.exec(by)?.[1] ?? '';
      return !existsSync(`test/checks/${kind}.test.ts`) && !existsSync(`test/changes/${kind}.test.ts`);
    })
    .map(([, id]) => id);

  expect(wrong).toEqual([]);
});
