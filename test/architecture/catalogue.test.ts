// A kind is one word in five places: its file, its test, its reference page, its fixture and what the program loads. They agree in both directions.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../src/cli/catalogue.js';
import { stems, text } from './tree.js';

const registered = loadCatalogue();

describe.each([
  { what: 'checks', folder: 'checks', tests: 'test/checks', word: 'check' },
  { what: 'changes', folder: 'src/changes', tests: 'test/changes', word: 'change' },
] as const)('$what', ({ what, folder, tests, word }) => {
  const files = stems(folder, '.ts');
  const kinds = files.filter((stem) => new RegExp(`\\bdefine(Check|Change)\\b[^]*\\bkind: '${stem}'`).test(text(`${folder}/${stem}.ts`)));

  test('there are some', () => {
    expect(kinds.length).toBeGreaterThan(0);
  });

  test('each has its test, and each test its file', () => {
    const tested = stems(tests, '.test.ts');

    expect(kinds.filter((kind) => !tested.includes(kind))).toEqual([]);
    expect(tested.filter((stem) => !files.includes(stem))).toEqual([]);
  });

  test('each has its reference page, and each page its kind', () => {
    expect(stems(`docs/reference/${what}`, '.md')).toEqual(kinds);
  });

  test('each is loaded, and everything loaded is one', async () => {
    expect([...(await registered)[what].keys()].sort()).toEqual(kinds);
  });

  test('each is loaded under the word that is its file name', async () => {
    const wrong = [...(await registered)[what]].filter(([kind, definition]) => definition.kind !== kind).map(([kind]) => kind);

    expect(wrong).toEqual([]);
  });

  test('each has a fixture that uses it', () => {
    const without = kinds.filter((kind) => {
      const file = `fixtures/playbooks/valid/${kind}.yaml`;
      return !existsSync(file) || !new RegExp(`\\b${word}: ${kind}\\b`).test(text(file));
    });

    expect(without).toEqual([]);
  });
});
