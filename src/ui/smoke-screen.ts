// What a smoke test says: what it is about to spend, then passes side by side and everything else on a line of its own,
// and one line of totals that ends in the exit code.
import type { ExitCode } from '../core/exit-code.js';
import type { Verdict } from '../core/verdict.js';
import { displayWidth, padEnd } from './display-width.js';
import { count, counted, dollars, span } from './figures.js';
import { type Line, line, type Piece, piece, renderLine } from './line.js';
import { mark } from './plain-lines.js';
import type { Style, Tone } from './style.js';

export interface SmokeRow {
  readonly name: string;
  /** The word for `routerctl explain`. */
  readonly kind: string;
  readonly verdict: Verdict;
  readonly severity: 'required' | 'warn';
}

export interface SmokeInput {
  readonly rows: readonly SmokeRow[];
  /** Null when nothing that costs was asked, or the cost is not known. */
  readonly spentUsd: number | null;
  readonly tookMs: number;
  readonly exitCode: ExitCode;
  readonly verbose?: boolean;
}

export interface SmokeIntent {
  readonly product: string;
  readonly version: string | null;
  readonly models: number | null;
  readonly requests: number;
  readonly askedModels: number;
  readonly aboutUsd: number | null;
  readonly capUsd: number;
}

const indent = '  ';

export function smokeQuestion(intent: SmokeIntent): string {
  const found = [`${intent.product}${intent.version === null ? '' : ` ${intent.version}`}`];
  if (intent.models !== null) found.push(counted(intent.models, 'model'));
  const about = intent.aboutUsd === null ? '' : `, about ${dollars(intent.aboutUsd)}`;
  return `${indent}${found.join(', ')}. Will send ${counted(intent.requests, 'request')} to ${counted(intent.askedModels, 'model')}${about} (cap ${dollars(intent.capUsd)}). Go?`;
}

export function smokeLines(input: SmokeInput, columns: number, style: Style): string[] {
  const passed = input.rows.filter(({ verdict }) => verdict.status === 'pass');
  const others = input.rows.filter(({ verdict }) => verdict.status !== 'pass');
  const width = Math.max(0, ...input.rows.map(({ name }) => displayWidth(name)));
  const passes = input.verbose === true ? passed.map((row) => rowLine(row, width)) : flow(passed, columns);
  const lines = [...passes, ...others.flatMap((row) => [rowLine(row, width), ...detailLines(row, input.verbose === true)]), totals(input)];
  return lines.map((each) => renderLine(each, columns, style));
}

const tones: Readonly<Record<Verdict['status'], Tone>> = { pass: 'good', waived: 'attention', warn: 'attention', fail: 'bad', inconclusive: 'attention', skip: 'quiet' };

const sign = ({ verdict }: SmokeRow): Piece => piece(mark(verdict.status), tones[verdict.status]);

/** As many passes on one line as fit. */
function flow(rows: readonly SmokeRow[], columns: number): Line[] {
  const lines: Piece[][] = [];
  let width = 0;
  for (const row of rows) {
    const words = passWords(row);
    const needed = displayWidth(words) + 5;
    const current = lines.at(-1);
    if (current === undefined || width + needed > columns) {
      lines.push([piece(indent), sign(row), piece(` ${words}`)]);
      width = indent.length + needed;
    } else {
      current.push(piece('   '), sign(row), piece(` ${words}`));
      width += needed;
    }
  }
  return lines.map((pieces) => line(pieces));
}

/** `ready (200), 41 ms` already begins with its name; a long fact is told only with -v. */
function passWords({ name, verdict }: SmokeRow): string {
  const whole = verdict.summary.startsWith(`${name} `) ? verdict.summary : `${name}: ${verdict.summary}`;
  return displayWidth(whole) > 44 ? name : whole;
}

function rowLine(row: SmokeRow, width: number): Line {
  const explain = row.verdict.status === 'fail' ? `   (routerctl explain ${row.kind})` : '';
  const words = row.verdict.status === 'skip' ? `skipped: ${row.verdict.summary}` : row.verdict.summary;
  return line([piece(indent), sign(row), piece(` ${padEnd(row.name, width)}   ${words}`), piece(explain, 'quiet')]);
}

function detailLines({ verdict }: SmokeRow, verbose: boolean): Line[] {
  const details = verbose ? (verdict.details ?? []) : [];
  const hint = verdict.hint === undefined || verdict.status === 'skip' ? [] : [`hint: ${verdict.hint}`];
  return [...details, ...hint].map((text) => line([piece(`${indent}      `), piece(text, 'quiet')]));
}

const words: readonly (readonly [Verdict['status'], string])[] = [
  ['pass', 'passed'],
  ['fail', 'failed'],
  ['inconclusive', 'not measured'],
  ['warn', 'warned'],
  ['waived', 'waived'],
  ['skip', 'skipped'],
];

function totals(input: SmokeInput): Line {
  const counts = words.map(([status, word]) => [input.rows.filter(({ verdict }) => verdict.status === status).length, word] as const);
  const parts = counts.filter(([number, word]) => number > 0 || word === 'passed').map(([number, word]) => `${count(number)} ${word}`);
  if (input.spentUsd !== null) parts.push(`spent ${dollars(input.spentUsd)}`);
  parts.push(span(input.tookMs));
  return line([piece(indent), piece(parts.join(', '), input.exitCode === 0 ? 'good' : 'bad')], [piece(`exit ${input.exitCode}`, 'quiet')]);
}
