// Masks text that arrives in pieces: a secret cut in two by a chunk border is still one secret, so the end of each piece waits.
import { type Masker, replaced } from './redaction.js';

export interface MaskStream {
  /** What may be printed now. */
  write(chunk: string): string;
  /** The rest; afterwards the stream starts anew. */
  end(): string;
}

/** A line longer than this is let go in pieces. */
const longestLine = 65_536;

export function createMaskStream(masker: Masker): MaskStream {
  let held = '';
  return {
    write(chunk) {
      held += chunk;
      const ranges = masker.ranges(held);
      const limit = safeLimit(held, masker.longest());
      // a range that crosses the limit may still grow: it waits as a whole, unless it alone is larger than any secret
      const crossing = ranges.find(({ start, end }) => start < limit && end >= limit);
      const cut = crossing === undefined ? limit : crossing.end - crossing.start > longestLine ? crossing.end : crossing.start;
      const out = replaced(
        held.slice(0, cut),
        ranges.filter(({ end }) => end <= cut),
      );
      held = held.slice(cut);
      return out;
    },
    end() {
      const out = masker.mask(held);
      held = '';
      return out;
    },
  };
}

/** Patterns live within a line, private keys within a block: cut at a line end, before an open block, and never in the last maxLen-1. */
function safeLimit(text: string, longest: number): number {
  const free = text.length - Math.max(0, longest - 1);
  if (free <= 0) return 0;
  const openBlock = text.lastIndexOf('-----BEGIN');
  const blockOpen = openBlock !== -1 && !text.includes('-----END', openBlock) && text.length - openBlock < longestLine;
  const usable = blockOpen ? Math.min(free, openBlock) : free;
  const lineEnd = text.lastIndexOf('\n', usable - 1) + 1;
  return lineEnd > 0 ? lineEnd : text.length > longestLine ? usable : 0;
}
