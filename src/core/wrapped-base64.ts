// Base64 in lines, as mails and openssl write it: a secret that a line break cuts in two is looked for in the text put together
// again. Stands alone, because a break can fall at any place of a secret, so that no list of spellings could hold them all.

export interface UnwrappedBase64 {
  /** The lines without the breaks between them. */
  readonly text: string;
  /** Where a character of it lies in the original. */
  place(index: number): number;
}

/** A line break, plain or escaped in JSON (once or several times), and what indents the next line. */
const lineBreak = /(?:\r?\n|(?:\\+r)?\\+n)[ \t]*/g;
/** Base64 that is broken into lines has long ones; words before a line break are no base64. */
const shortestLine = 16;

/** The most characters that breaks add to a secret of this length. */
export function addedByBreaks(length: number): number {
  return 8 * Math.ceil(length / 60);
}

export function unwrappedBase64(text: string): readonly UnwrappedBase64[] {
  const blocks: Line[][] = [];
  let next = 0;
  for (const { 0: broken, index } of text.matchAll(lineBreak)) {
    // Not beyond the last break: the `n` of an escaped one looks like base64.
    const before = next;
    next = index + broken.length;
    let start = index;
    while (start > before && isBase64(text.charCodeAt(start - 1))) start -= 1;
    if (index - start < shortestLine || !isBase64(text.charCodeAt(next))) continue;
    const block = blocks.at(-1);
    if (block?.at(-1)?.next === start) block.push({ start, end: index, next });
    else blocks.push([{ start, end: index, next }]);
  }
  return blocks.map((lines) => joined(text, lines));
}

interface Line {
  readonly start: number;
  readonly end: number;
  /** Where the next line begins. */
  readonly next: number;
}

function joined(text: string, lines: readonly Line[]): UnwrappedBase64 {
  const start = lines.at(-1)?.next ?? 0;
  let end = start;
  while (end < text.length && isBase64(text.charCodeAt(end))) end += 1;
  const all = [...lines, { start, end }];
  return {
    text: all.map((line) => text.slice(line.start, line.end)).join(''),
    place(index) {
      let left = index;
      for (const line of all) {
        if (left < line.end - line.start) return line.start + left;
        left -= line.end - line.start;
      }
      return end;
    },
  };
}

function isBase64(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 43 ||
    code === 47 ||
    code === 45 ||
    code === 95
  );
}
