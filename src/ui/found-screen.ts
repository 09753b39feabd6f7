// What the first contact found, one line each: the fact, and behind it how it was told; then what a person has to know.
import { displayWidth, padEnd, wrap } from './display-width.js';
import { line, piece, renderLine } from './line.js';
import type { Style, Tone } from './style.js';

export interface FoundRow {
  readonly label: string;
  readonly text: string;
  readonly how: string | null;
  readonly tone?: Tone;
}

const indent = '  ';

export function foundLines(rows: readonly FoundRow[], columns: number, style: Style): string[] {
  const labelWidth = Math.max(0, ...rows.map(({ label }) => displayWidth(label)));
  const margin = indent.length + labelWidth + 3;
  return rows.flatMap(({ label, text, how: told, tone }, index) => {
    const how = told === null ? null : `(${told})`;
    const shown = rows[index - 1]?.label === label ? '' : label;
    const head = piece(`${indent}${padEnd(shown, labelWidth)}   `, 'quiet');
    const beside = how !== null && margin + displayWidth(text) + 2 + displayWidth(how) <= columns;
    const [first = '', ...rest] = wrap(text, columns - margin);
    const below = how === null || beside ? [] : wrap(how, columns - margin).map((part) => piece(part, 'quiet'));
    return [
      line([head, piece(first, tone ?? 'plain'), ...(beside ? [piece(` ${how}`, 'quiet')] : [])]),
      ...[...rest.map((part) => piece(part, tone ?? 'plain')), ...below].map((part) => line([piece(' '.repeat(margin)), part])),
    ].map((each) => renderLine(each, Number.POSITIVE_INFINITY, style));
  });
}
