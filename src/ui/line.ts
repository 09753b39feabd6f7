// One line of a screen before it is printed: pieces with a tone, and perhaps a piece at the right edge. Cutting happens on
// the pieces, so that no colour code is ever cut in two and no line ever wraps.
import { terminalText } from '../core/terminal-text.js';
import { displayWidth, truncate } from './display-width.js';
import { inLocale, paint, type Style, type Tone } from './style.js';

export interface Piece {
  readonly text: string;
  readonly tone: Tone;
  /** Words that are never broken apart. */
  readonly together?: boolean;
}

export interface Line {
  readonly left: readonly Piece[];
  /** Stays visible: the left side is cut first. */
  readonly right: readonly Piece[];
  /** The column at which its text begins, where the rest goes on when it is broken. */
  readonly hang?: number;
}

export const piece = (text: string, tone: Tone = 'plain'): Piece => ({ text, tone });

export function line(left: string | readonly Piece[], right: string | readonly Piece[] = []): Line {
  return { left: pieces(left), right: pieces(right) };
}

function pieces(value: string | readonly Piece[]): readonly Piece[] {
  return typeof value === 'string' ? (value === '' ? [] : [piece(value)]) : value;
}

/** On a very wide terminal the right side stays near what it belongs to. */
const comfortableColumns = 110;

/** Every piece is escaped here, whatever its origin: the one door between data and the terminal. */
export function renderLine(value: Line, columns: number, style: Style): string {
  const right = cutTo(value.right, columns, style);
  const room = right.width === 0 ? columns : columns - right.width - 1;
  const left = cutTo(value.left, room, style);
  if (right.width === 0) return left.text.trimEnd();
  const edge = Math.min(columns, comfortableColumns);
  return left.text + ' '.repeat(Math.max(1, edge - left.width - right.width)) + right.text;
}

function cutTo(list: readonly Piece[], columns: number, style: Style): { text: string; width: number } {
  const whole = list.map(({ text, tone }) => ({ text: inLocale(oneLine(text), style), tone })).filter(({ text }) => text !== '');
  const total = whole.reduce((sum, { text }) => sum + displayWidth(text), 0);
  let room = columns;
  let result = '';
  let width = 0;
  for (const { text, tone } of whole) {
    if (room <= 0) break;
    const last = total - width > room && displayWidth(text) >= room;
    const cut = last ? inLocale(cutShort(text, room), style) : text;
    result += paint(cut, tone, style);
    width += displayWidth(cut);
    room -= displayWidth(cut);
    if (last) break;
  }
  return { text: result, width };
}

/** More text follows a piece that just fits, so it gives up its last column to the mark. */
function cutShort(text: string, room: number): string {
  return displayWidth(text) > room ? truncate(text, room) : truncate(`${text} `, room);
}

function oneLine(text: string): string {
  return terminalText(text.replace(/\r?\n/g, ' '));
}
