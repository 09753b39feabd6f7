// The words that someone who typed something close probably meant.

/** At most three, nearest first: a part of the word, or few letters wrong for its length. */
export function nearestWords(asked: string, words: readonly string[]): readonly string[] {
  const wanted = asked.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return words
    .map((word) => ({ word, distance: closeness(wanted, word.toLowerCase().replaceAll('_', '-')) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || a.word.localeCompare(b.word))
    .slice(0, 3)
    .map(({ word }) => word);
}

function closeness(asked: string, word: string): number {
  if (asked.length >= 3 && word.includes(asked)) return 0.5;
  return editDistance(asked.replaceAll('_', '-'), word);
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    rows[row] = current;
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (same ? 0 : 1));
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) best = Math.min(best, at(row - 2, column - 2) + 1);
      current[column] = best;
    }
  }
  return at(a.length, b.length);
}
