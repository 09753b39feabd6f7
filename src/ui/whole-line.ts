// A line that loses nothing: what does not fit is broken at spaces and hangs below its beginning. For what a person approves.
import { displayWidth } from './display-width.js';
import { type Line, line, type Piece, piece, renderLine } from './line.js';
import type { Style } from './style.js';

/** `hang`: the column below which the rest goes on. A word that is longer than the room keeps its length. */
export function wholeLines(value: Line, hang: number, columns: number, style: Style): string[] {
  const whole = renderLine(value, Number.POSITIVE_INFINITY, style);
  if (widthOf(value.left) + gapWidth(value) + widthOf(value.right) <= columns) return [renderLine(value, columns, style)];
  if (!Number.isFinite(columns)) return [whole];
  const indent = Math.min(hang, Math.floor(columns / 2));
  const broken = rows(value.left, indent, columns);
  const last = broken.at(-1);
  const together = last !== undefined && widthOf(last) + gapWidth(value) + widthOf(value.right) <= columns;
  const ends = value.right.length === 0 || together ? [] : [[piece(' '.repeat(indent)), ...value.right]];
  return [...broken, ...ends].map((left) =>
    renderLine(line(left, left === last && together ? value.right : []), columns + overhang(left, columns), style),
  );
}

const gapWidth = ({ left, right }: Line): number => (left.length > 0 && right.length > 0 ? 1 : 0);
const widthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { text }) => sum + displayWidth(text), 0);
const overhang = (pieces: readonly Piece[], columns: number): number => Math.max(0, widthOf(pieces) - columns);

function rows(pieces: readonly Piece[], indent: number, columns: number): Piece[][] {
  const found: Piece[][] = [[]];
  let width = 0;
  let gap = '';
  for (const token of pieces.flatMap(tokens)) {
    if (token.text.trim() === '') {
      gap += token.text;
      continue;
    }
    const current = found.at(-1);
    if (gap !== '' && width > indent && width + gap.length + displayWidth(token.text) > columns) {
      found.push([piece(' '.repeat(indent)), token]);
      width = indent + displayWidth(token.text);
    } else {
      current?.push(piece(gap), token);
      width += gap.length + displayWidth(token.text);
    }
    gap = '';
  }
  return found;
}

const tokens = ({ text, tone, together }: Piece): Piece[] =>
  (text.match(together === true ? /^ +|[^ ].*/g : / +|[^ ]+/g) ?? []).map((part) => piece(part, tone));
