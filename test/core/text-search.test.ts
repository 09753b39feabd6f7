import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTextSearch } from '../../src/core/text-search.js';

test('finds exactly what a plain search finds', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { minLength: 1, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 200 }),
      (needles, text) => {
        const plain: string[] = [];
        needles.forEach((needle, which) => {
          for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) plain.push(`${at}:${which}`);
        });
        const found = createTextSearch(needles)(text).map(({ start, which }) => `${start}:${which}`);
        expect(found.sort()).toEqual(plain.sort());
      },
    ),
  );
});
