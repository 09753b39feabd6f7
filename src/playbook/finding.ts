// One thing that is wrong in a file: where, what, and what to do about it.
// Findings are collected, not thrown one by one, so that a person sees every error of a file at once.
import type { Json } from '../core/json.js';
import { lineWindow, printable, type Span, type TextPosition } from './text-position.js';

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many columns the caret covers. */
  readonly length: number;
  readonly message: string;
  readonly hint?: string;
  readonly sourceLine: string;
}

export function findingAt(file: string, text: TextPosition, span: Span, message: string, hint?: string): Finding {
  const start = Math.min(span.start, text.source.length);
  const { line, column } = text.placeOf(start);
  const sourceLine = text.lineText(line);
  const length = Math.max(1, Math.min(span.end - start, sourceLine.length - column + 1));
  return { file, line, column, length, message: printable(message), sourceLine, ...(hint === undefined ? {} : { hint: printable(hint) }) };
}

/** `file:line:column: what`, the line, a caret below it, the hint beside the caret. */
export function renderFinding(finding: Finding): readonly string[] {
  const number = String(finding.line);
  const gutter = ' '.repeat(number.length);
  const window = lineWindow(finding.sourceLine, finding.column);
  const caret = `${' '.repeat(window.column - 1)}${'^'.repeat(Math.max(1, Math.min(finding.length, window.text.length - window.column + 1)))}`;
  return [
    `${finding.file}:${finding.line}:${finding.column}: ${finding.message}`,
    `${number} | ${window.text}`.trimEnd(),
    `${gutter} | ${caret}${finding.hint === undefined ? '' : ` ${finding.hint}`}`,
  ];
}

/** Files in the order given, then by position; the same finding is said once. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const files = [...new Set(findings.map((finding) => finding.file))];
  const seen = new Set<string>();
  return [...findings]
    .sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column)
    .filter((finding) => {
      const key = JSON.stringify([finding.file, finding.line, finding.column, finding.message]);
      return seen.has(key) ? false : seen.add(key);
    });
}

export function findingJson(finding: Finding): Json {
  const { file, line, column, message, hint } = finding;
  return { file, line, column, message, hint: hint ?? null };
}
