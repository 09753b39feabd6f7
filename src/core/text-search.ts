// Looks for many texts at once (Wu-Manber): skips most characters, so that a thousand spellings cost about as much as one.

export interface TextHit {
  readonly start: number;
  readonly end: number;
  /** Index into the list that was searched for. */
  readonly which: number;
}

const tableSize = 1 << 15;
const blockLength = 3;

/** Every text must have at least three characters. Hits may overlap; they come ordered by start. */
export function createTextSearch(needles: readonly string[]): (text: string) => readonly TextHit[] {
  if (needles.length === 0) return () => [];
  const shortest = Math.min(...needles.map((needle) => needle.length));
  if (shortest < blockLength) throw new RangeError(`a searched text has at least ${blockLength} characters`);
  const { shifts, buckets } = tables(needles, shortest);
  return (text) => {
    const hits: TextHit[] = [];
    let last = shortest - 1;
    while (last < text.length) {
      const block = hashAt(text, last);
      const shift = shifts[block] ?? 1;
      if (shift > 0) {
        last += shift;
        continue;
      }
      const start = last - shortest + 1;
      for (const which of buckets.get(block) ?? []) {
        const needle = needles[which] ?? '';
        if (text.startsWith(needle, start)) hits.push({ start, end: start + needle.length, which });
      }
      last += 1;
    }
    return hits;
  };
}

function tables(needles: readonly string[], shortest: number): { shifts: Uint8Array; buckets: Map<number, number[]> } {
  const shifts = new Uint8Array(tableSize).fill(Math.min(shortest - blockLength + 1, 255));
  const buckets = new Map<number, number[]>();
  needles.forEach((needle, which) => {
    for (let last = blockLength - 1; last < shortest; last += 1) {
      const block = hashAt(needle, last);
      shifts[block] = Math.min(shifts[block] ?? 0, shortest - 1 - last);
    }
    const block = hashAt(needle, shortest - 1);
    const bucket = buckets.get(block);
    if (bucket === undefined) buckets.set(block, [which]);
    else bucket.push(which);
  });
  return { shifts, buckets };
}

function hashAt(text: string, last: number): number {
  return ((text.charCodeAt(last) * 961) ^ (text.charCodeAt(last - 1) * 31) ^ (text.charCodeAt(last - 2) << 9)) & (tableSize - 1);
}
