// Decisions are kept, numbered without gaps, short, and name every package that users install.
import { expect, test } from 'vitest';
import { filesBelow, stems, text } from './tree.js';

const records = stems('docs/decisions', '.md').filter((name) => name !== 'README');
const { dependencies } = JSON.parse(text('package.json')) as { readonly dependencies: Readonly<Record<string, string>> };

test('decision records are numbered from 0001 without gaps', () => {
  expect(records.map((name) => name.slice(0, 5))).toEqual(records.map((_, index) => `${String(index + 1).padStart(4, '0')}-`));
});

test.each(records)('%s says context, decision, consequences and what was turned down, in at most 60 lines', (name) => {
  const record = text(`docs/decisions/${name}.md`);

  expect(record.match(/^## .+$/gm)).toEqual(['## Context', '## Decision', '## Consequences', '## Turned down']);
  expect(record.split('\n').length).toBeLessThanOrEqual(61);
});

test('the table of runtime dependencies names each one, and nothing else', () => {
  const record = filesBelow('docs/decisions').find((file) => file.includes('runtime-dependencies')) ?? '';
  const named = [...text(record).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);

  expect(named.sort()).toEqual(Object.keys(dependencies).sort());
});
