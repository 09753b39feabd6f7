// What a smoke test says: what it is about to spend, then passes side by side and everything else on a line of its own,
// and one line of totals that ends in the exit code.
import type { ExitCode } from '../core/exit-code.js';
import type { Verdict } from '../core/verdict.js';
import { displayWidth, padEnd, wrap } from './display-width.js';
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
  /** Null when nothing ends the smoke at a sum. */
  readonly capUsd: number | null;
}

const indent = '  ';

export function smokeQuestion(intent: SmokeIntent): string {
  const found = [`${intent.product}${intent.version === null ? '' : ` ${intent.version}`}`];
  if (intent.models !== null) found.push(counted(intent.models, 'model'));
  const cap = intent.capUsd === null ? '' : ` (cap ${dollars(intent.capUsd)})`;
  const about = intent.aboutUsd === null ? '' : `, about ${dollars(intent.aboutUsd)}`;
  return `${indent}${found.join(', ')}. Will send ${counted(intent.requests, 'request')} to ${counted(intent.askedModels, 'model')}${about}${cap}. Go?`;
}

export function smokeLines(input: SmokeInput, columns: number, style: Style): string[] {
  const passed = input.rows.filter(({ verdict }) => verdict.status === 'pass');
  const others = input.rows.filter(({ verdict }) => verdict.status !== 'pass');
  const width = Math.max(0, ...input.rows.map(({ name }) => displayWidth(name)));
  const told = (row: SmokeRow): Line[] => rowLines(row, width, columns, input.verbose === true);
  const passes = input.verbose === true ? passed.flatMap(told) : flow(passed, Number.isFinite(columns) ? columns : pipedColumns);
  const lines = [...passes, ...others.flatMap(told), ...totals(input, columns)];
  return lines.map((each) => renderLine(each, columns, style));
}

const tones: Readonly<Record<Verdict['status'], Tone>> = {
  pass: 'good',
  waived: 'attention',
  warn: 'attention',
  fail: 'bad',
  inconclusive: 'attention',
  skip: 'quiet',
};

const sign = ({ verdict }: SmokeRow): Piece => piece(mark(verdict.status), tones[verdict.status]);

/** Only what is told side by side has a width in a pipe. */
const pipedColumns = 100;

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

/** What is not a pass is told whole: broken at the width, never cut. */
function rowLines(row: SmokeRow, width: number, columns: number, verbose: boolean): Line[] {
  const { verdict } = row;
  const margin = indent.length + 2 + width + 3;
  const summary = verdict.status === 'skip' ? `skipped: ${verdict.summary}` : verdict.summary;
  const [first = '', ...rest] = wrap(summary, columns - margin);
  const explain = verdict.status === 'fail' ? `(routerctl explain ${row.kind})` : '';
  const beside = rest.length === 0 && margin + displayWidth(first) + 3 + displayWidth(explain) <= columns;
  const hint = verdict.hint === undefined || verdict.status === 'skip' ? [] : [`hint: ${verdict.hint}`];
  const below = [...(verbose ? (verdict.details ?? []) : []), ...hint, ...(beside || explain === '' ? [] : [explain])];
  return [
    line([
      piece(indent),
      sign(row),
      piece(` ${padEnd(row.name, width)}   ${first}`),
      piece(beside && explain !== '' ? `   ${explain}` : '', 'quiet'),
    ]),
    ...rest.map((text) => line([piece(' '.repeat(margin)), piece(text)])),
    ...below.flatMap((text) => wrap(text, columns - margin)).map((text) => line([piece(' '.repeat(margin)), piece(text, 'quiet')])),
  ];
}

const words: readonly (readonly [Verdict['status'], string])[] = [
  ['pass', 'passed'],
  ['fail', 'failed'],
  ['inconclusive', 'not measured'],
  ['warn', 'warned'],
  ['waived', 'waived'],
  ['skip', 'skipped'],
];

function totals(input: SmokeInput, columns: number): Line[] {
  const tone: Tone = input.exitCode === 0 ? 'good' : 'bad';
  const counts = words.map(([status, word]) => [input.rows.filter(({ verdict }) => verdict.status === status).length, word] as const);
  const told = counts
    .filter(([number, word]) => number > 0 || word === 'passed')
    .map(([number, word]) => `${count(number)} ${word}`)
    .join(', ');
  const cost = [...(input.spentUsd === null ? [] : [`spent ${dollars(input.spentUsd)}`]), span(input.tookMs)].join(', ');
  const right = [piece(`exit ${input.exitCode}`, 'quiet')];
  const whole = `${told}, ${cost}`;
  if (indent.length + displayWidth(whole) + 9 <= columns) return [line([piece(indent), piece(whole, tone)], right)];
  return [line([piece(indent), piece(told, tone)]), line([piece(indent), piece(cost)], right)];
}
