// A name at the left and its text beside it, broken at the width: what is printed once and stays, unlike a frame that is redrawn.
import { padEnd, wrap } from './display-width.js';
import { line, piece, renderLine } from './line.js';
import type { Style, Tone } from './style.js';

export interface LabelledBlock {
  readonly label: string;
  readonly lines: readonly string[];
  /** Each line is one command: it runs on. */
  readonly whole?: boolean;
  readonly tone?: Tone;
  readonly labelTone?: Tone;
}

const labelWidth = 11;

/** Nothing is cut: a command or a path that does not fit runs on, so that it can be copied. */
export function labelledLines({ label, lines, whole, tone, labelTone }: LabelledBlock, columns: number, style: Style): string[] {
  return lines
    .flatMap((text) => (whole === true ? [text] : wrap(text, columns - labelWidth)))
    .map((text, index) => {
      const head = piece(` ${padEnd(index === 0 ? label : '', labelWidth - 1)}`, labelTone ?? 'quiet');
      return renderLine(line([head, piece(text, tone ?? 'plain')]), Number.POSITIVE_INFINITY, style);
    });
}
