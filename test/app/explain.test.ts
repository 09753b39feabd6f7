import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ExplainSources, explain } from '../../src/app/explain.js';
import { RouterctlError } from '../../src/core/errors.js';

const sources: ExplainSources = {
  pages: [
    { folder: 'checks', name: 'usage-recorded', text: '# usage-recorded\n\nAsks the database.\n' },
    { folder: 'changes', name: 'backup', text: '# backup\n\nSaves things.\n' },
    {
      folder: '',
      name: 'commands',
      text: '# Commands\n\n## routerctl backup create\n\nsave things.\n\nmore\n\n## routerctl backup list\n\nlist things.\n',
    },
  ],
  glossary: '# Glossary\n\n## control probe\n\nTells who is broken.\n\n## hold\n\nStop and wait.\n',
};

test.each([
  ['usage-recorded', 'check', 'usage-recorded', 'Asks the database.'],
  ['USAGE_RECORDED', 'check', 'usage-recorded', 'Asks the database.'],
  ['LEASE_HELD', 'error', 'LEASE_HELD', 'another run holds the deployment'],
  ['lease-held', 'error', 'LEASE_HELD', 'Exit code 6'],
  ['4', 'exit code', '4', 'The change failed and was rolled back'],
  ['routerctl backup list', 'command', 'backup list', 'list things.'],
  ['exit 4', 'exit code', '4', 'rolled back'],
  ['exit code 6', 'exit code', '6', '- LEASE_HELD: another run holds the deployment'],
  ['control probe', 'word', 'control probe', 'Tells who is broken.'],
  ['control-probe', 'word', 'control probe', 'Tells who is broken.'],
])('"%s" is explained as the %s %s', (asked, sort, name, text) => {
  const [first] = explain(asked, sources);

  expect(first).toMatchObject({ sort, name });
  expect(first?.markdown).toContain(text);
});

test('a word with two meanings gets both', () => {
  expect(explain('backup', sources).map(({ sort }) => sort)).toEqual(['change', 'commands']);
  expect(explain('backup', sources)[1]?.markdown).toBe('- routerctl backup create: save things.\n- routerctl backup list: list things.');
});

test.each([
  ['usage-recrded', 'usage-recorded'],
  ['lease-hold', 'LEASE_HELD'],
  ['hodl', 'hold'],
])('an unknown word %s is refused and %s is named', (asked, near) => {
  const failure = refusal(() => explain(asked, sources));

  expect(failure).toMatchObject({ code: 'EXPLAIN_UNKNOWN', exitCode: 2 });
  expect(failure.hint).toContain(near);
});

test('a number that is no exit code is unknown, not empty', () => {
  expect(refusal(() => explain('77', sources)).code).toBe('EXPLAIN_UNKNOWN');
});

function refusal(act: () => unknown): RouterctlError {
  try {
    act();
  } catch (error) {
    if (error instanceof RouterctlError) return error;
  }
  throw new Error('nothing was refused');
}

test('where nothing is near, every exit code that it knows is named', () => {
  const refusal = (): unknown => explain('qqqqqqqqqqqq', sources);
  expect(refusal).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('exit codes are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 129, 130, 143') }),
  );
});

test('the glossary lists each word once, in order, and explain knows them all', () => {
  const glossary = readFileSync('docs/glossary.md', 'utf8');
  const words = [...glossary.matchAll(/^## (.+)$/gm)].map(([, word]) => word ?? '');

  expect(words).toEqual([...new Set(words)].sort());
  for (const word of words) expect(explain(word, { pages: [], glossary })[0]).toMatchObject({ sort: 'word', name: word });
});
