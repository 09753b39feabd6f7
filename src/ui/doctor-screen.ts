// What the doctor found: one line for each finding, the fix beneath it, passes counted, and at the end the one thing to do next.
import type { ExitCode } from '../core/exit-code.js';
import type { Verdict } from '../core/verdict.js';
import { displayWidth, padEnd, wrap } from './display-width.js';
import { counted } from './figures.js';
import { line, piece, renderLine } from './line.js';
import { mark } from './plain-lines.js';
import type { Style, Tone } from './style.js';

export interface DoctorRow {
  readonly name: string;
  readonly verdict: Verdict;
}

export interface DoctorInput {
  readonly title: string;
  readonly rows: readonly DoctorRow[];
  readonly exitCode: ExitCode;
  readonly next: string;
  readonly verbose: boolean;
}

const indent = '  ';
const tones: Readonly<Record<Verdict['status'], Tone>> = {
  pass: 'good',
  waived: 'attention',
  warn: 'attention',
  fail: 'bad',
  inconclusive: 'attention',
  skip: 'quiet',
};
const worstFirst: readonly Verdict['status'][] = ['fail', 'inconclusive', 'warn', 'waived', 'pass', 'skip'];

export function doctorLines({ title, rows, exitCode, next, verbose }: DoctorInput, columns: number, style: Style): string[] {
  const quiet = (row: DoctorRow): boolean => !verbose && ['pass', 'skip'].includes(row.verdict.status);
  const sorted = [...rows].sort((a, b) => worstFirst.indexOf(a.verdict.status) - worstFirst.indexOf(b.verdict.status));
  const told = sorted.filter((row) => !quiet(row));
  const width = Math.max(0, ...told.map(({ name }) => displayWidth(name)));
  const passed = rows.filter((row) => row.verdict.status === 'pass').length;
  const more = told.length === 0 ? `all ${passed} passed` : `${passed} more`;
  const hidden = verbose ? [] : [line([piece(indent), piece(mark('pass'), 'good'), piece(` ${more} (-v lists them)`)])];
  const lines = [
    line([piece(title, 'strong')]),
    ...told.flatMap((row) => rowLines(row, width, columns, verbose)),
    ...hidden,
    line([piece(indent), piece(totals(rows), exitCode === 0 ? 'good' : 'bad')], [piece(`exit ${exitCode}`, 'quiet')]),
    line([piece(`${indent}next: `, 'quiet'), piece(next, 'strong')]),
  ];
  // Only a line with an edge needs the width: the others are wrapped, or a command, which runs on so that it can be copied.
  return lines.map((each) => renderLine(each, each.right.length > 0 ? columns : Number.POSITIVE_INFINITY, style));
}

function rowLines({ name, verdict }: DoctorRow, width: number, columns: number, verbose: boolean) {
  const margin = indent.length + 2 + width + 3;
  const summary = verdict.status === 'skip' ? `not asked: ${verdict.summary}` : verdict.summary;
  const [first = '', ...rest] = wrap(summary, columns - margin);
  const showsDetails = verbose || verdict.status === 'fail' || verdict.status === 'inconclusive';
  const details = showsDetails ? (verdict.details ?? []) : [];
  const fix = verdict.hint === undefined || verdict.status === 'pass' ? [] : [`fix: ${verdict.hint}`];
  const below = [...rest, ...[...details, ...fix].flatMap((text) => wrap(text, columns - margin))];
  return [
    line([piece(indent), piece(mark(verdict.status), tones[verdict.status]), piece(` ${padEnd(name, width)}   ${first}`)]),
    ...below.map((text, index) => line([piece(' '.repeat(margin)), piece(text, index < rest.length ? 'plain' : 'quiet')])),
  ];
}

function totals(rows: readonly DoctorRow[]): string {
  const words: readonly (readonly [Verdict['status'], string])[] = [
    ['fail', 'failed'],
    ['inconclusive', 'not measured'],
    ['warn', 'warned'],
    ['pass', 'passed'],
    ['skip', 'not asked'],
  ];
  const counts = words.map(([status, word]) => [rows.filter(({ verdict }) => verdict.status === status).length, word] as const);
  const some = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `${counted(rows.length, 'finding')}: ${some.join(', ')}`;
}
