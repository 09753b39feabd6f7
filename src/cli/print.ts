// The door to the terminal: every line that a command prints is masked, and control characters of others are shown, not obeyed.
import type { Json } from '../core/json.js';
import { terminalText } from '../core/terminal-text.js';
import { processRedactor } from './process-redactor.js';

/** Our own colours; nothing else that begins with an escape is let through. */
const colour = /(\u001b\[[0-9;]*m)/;

export function printable(text: string): string {
  const masked = processRedactor().mask(text);
  return masked
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : terminalText(part, { keepNewlines: true })))
    .join('');
}

export function printResult(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

export function printProgress(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Characters that a terminal obeys are written as the JSON escapes that they may be. */
export function printJson(value: Json): void {
  const redactor = processRedactor();
  const text = JSON.stringify(value, (_name, member: Json) => (typeof member === 'string' ? redactor.mask(member) : member), 2);
  process.stdout.write(`${terminalText(text, { keepNewlines: true })}\n`);
}

/** How wide lines may be: what is piped is read by programs and by other terminals, and is neither cut nor broken. */
export function terminalColumns({ isTTY, columns }: NodeJS.WriteStream): number {
  return isTTY ? columns : Number.POSITIVE_INFINITY;
}
