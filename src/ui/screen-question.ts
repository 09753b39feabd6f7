// A question on a live screen: one key out of a few, or a line of text. Fed with keys until it is answered.
import { type Line, line, piece } from './line.js';

export interface ScreenQuestion {
  readonly text: string;
  /** Null: a line of text is wanted. */
  readonly keys: readonly string[] | null;
  readonly typed: string;
  readonly answer: (value: string | null) => void;
}

/** The question after a key, or null when the key answered it (Esc and Ctrl-C answer with nothing). */
export function questionAfter(question: ScreenQuestion, key: string): ScreenQuestion | null {
  if (key === '\u001b' || key === '\u0003') return answered(question, null);
  if (question.keys !== null) return question.keys.includes(key.toLowerCase()) ? answered(question, key.toLowerCase()) : question;
  if (key === '\r' || key === '\n') return answered(question, question.typed);
  if (key === '\u007f' || key === '\b') return { ...question, typed: [...question.typed].slice(0, -1).join('') };
  return key.startsWith('\u001b') || key < ' ' ? question : { ...question, typed: question.typed + key };
}

function answered(question: ScreenQuestion, value: string | null): null {
  question.answer(value);
  return null;
}

export const questionLine = ({ text, typed }: ScreenQuestion): Line => line([piece(` ${text} `, 'attention'), piece(typed)]);

/** Single keys; an escape sequence (arrows, mouse) stays whole so that its letters are not taken for commands. */
export const splitKeys = (data: string): string[] => (data.startsWith('\u001b') ? [data] : [...data]);
