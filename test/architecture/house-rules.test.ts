// The house rules that no linter knows: names that say something, files that fit in a head, and a first sentence in each.
import { expect, test } from 'vitest';
import { sources, testSources, text } from './tree.js';

const vague = /^(utils?|helpers?|commons?|misc|managers?|services?|index)(\.ts)?$/;
const everything = () => [...sources(), ...testSources()];

test('there is a tree to look at', () => {
  expect(sources().length).toBeGreaterThan(50);
});

test('file and folder names are kebab-case', () => {
  const wrong = everything().filter((file) =>
    file.split('/').some((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.contract|\.config|\.d)?(\.ts)?$/.test(part)),
  );

  expect(wrong).toEqual([]);
});

test('no file or folder has a name that fits anything', () => {
  const wrong = sources().filter((file) => file.split('/').some((part) => vague.test(part)));

  expect(wrong).toEqual([]);
});

test('no file of src or checks is longer than 300 lines', () => {
  const long = sources().filter((file) => text(file).split('\n').length > 301);

  expect(long).toEqual([]);
});

test('every file opens with a sentence on what it is, a test with its first test', () => {
  const mute = [...sources(), ...testSources().filter((file) => !file.endsWith('.test.ts'))].filter((file) => {
    const [first = ''] = text(file)
      .replace(/^#!.*\n/, '')
      .split('\n');
    return !/^(\/\/|\/\*\*?) ?\S+ \S+/.test(first);
  });

  expect(mute).toEqual([]);
});

test('only what oclif loads has a default export', () => {
  const forOclif = (file: string) => file.startsWith('src/commands/') || ['src/cli/help.ts', 'src/cli/unknown-command.ts'].includes(file);
  const wrong = sources().filter((file) => !forOclif(file) && /^export default /m.test(text(file)));

  expect(wrong).toEqual([]);
});

test('nothing is silenced, postponed or skipped in a source', () => {
  const words = [
    '@ts-' + 'ignore',
    '@ts-' + 'nocheck',
    '@ts-' + 'expect-error',
    'eslint-' + 'disable',
    'biome-' + 'ignore',
    'TO' + 'DO',
    'FIX' + 'ME',
    'as ' + 'any',
  ];
  const wrong = everything().flatMap((file) =>
    words.filter((word) => new RegExp(`(^|[^\\w-])${word}\\b`).test(text(file))).map((word) => `${file}: ${word}`),
  );

  expect(wrong).toEqual([]);
});

test('every test mirrors a file or folder, or lies in a room of its own', () => {
  const rooms = ['architecture', 'cli', 'contracts', 'docs', 'e2e', 'faults', 'bench', 'packaging', 'node24', 'lab', 'parts'];
  const known = new Set([...sources().map((file) => file.replace(/^src\//, '').split('/')[0]), 'checks', ...rooms]);
  const astray = testSources().filter((file) => file.split('/').length > 2 && !known.has(file.split('/')[1] ?? ''));

  expect(astray).toEqual([]);
});
