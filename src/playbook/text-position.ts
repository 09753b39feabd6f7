// Offsets of a text turned into lines and columns, and the one line that an error shows of it.
// Stands alone because YAML, zod and expression errors must all point the same way.

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

const shownColumns = 120;

export class TextPosition {
  readonly source: string;
  readonly #starts: readonly number[];

  constructor(source: string) {
    this.source = source;
    const starts = [0];
    for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
  }

  placeOf(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  lineText(line: number): string {
    const start = this.#starts[line - 1] ?? 0;
    const next = this.#starts[line];
    const text = this.source.slice(start, next === undefined ? undefined : next - 1);
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }
}

/** The part of a line around a column that fits a terminal, and where the column is in it. */
export function lineWindow(text: string, column: number): { readonly text: string; readonly column: number } {
  const shown = printable(text);
  if (shown.length <= shownColumns) return { text: shown, column };
  const from = Math.max(0, Math.min(column - 1 - shownColumns / 2, shown.length - shownColumns));
  const start = Math.floor(from);
  const head = start > 0 ? '…' : '';
  const tail = start + shownColumns < shown.length ? '…' : '';
  return { text: `${head}${shown.slice(start, start + shownColumns)}${tail}`, column: column - start + head.length };
}

/** One column for one unit: nothing in a file may move the cursor or colour the terminal. */
export function printable(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    out += code === 9 ? ' ' : isUnprintable(code) ? '·' : text.charAt(at);
  }
  return out;
}

function isUnprintable(code: number): boolean {
  if (code < 32 || (code >= 127 && code < 160)) return true;
  if (code >= 0x200b && code <= 0x200f) return true;
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0xfeff;
}
