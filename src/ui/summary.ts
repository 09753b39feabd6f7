// The last words of a run: one line that says how it ended, the measured facts below it, and exactly one next command.
// These lines stay in the scrollback and go into tickets, so they stand alone without the screen above them.
import type { ExitCode } from '../core/exit-code.js';
import type { RunOutcome } from '../core/run-event.js';
import { padEnd, wrap } from './display-width.js';
import { clockSeconds, counted, seconds } from './figures.js';
import { type Line, line, piece, renderLine } from './line.js';
import type { Style, Tone } from './style.js';

/** As the prober measured it. */
export interface UsersFigures {
  /** The least that it was when nobody asked for a while; null when no outage was seen then. */
  readonly downMs: number | null;
  readonly downFromMs: number | null;
  readonly downToMs: number | null;
  /** How long nobody asked although somebody should have. */
  readonly unseenMs: number;
  readonly probes: number;
  readonly probesFailed: number;
  /** Null when nobody looked at streams. */
  readonly streamsCut: number | null;
}

export interface SummaryInput {
  readonly outcome: RunOutcome;
  readonly exitCode: ExitCode;
  readonly runId: string;
  readonly target: string;
  readonly environment: string;
  readonly host: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** What `--to` takes to try the same once more; null when the run had no package. */
  readonly package: string | null;
  /** The new version counts as bad here from now on. */
  readonly markedBad: boolean;
  /** The version that answered last; null when it was not measured. */
  readonly serving: string | null;
  /** Most important first; the first line is the reason. */
  readonly why: readonly string[];
  /** As the prober measured it; null when it did not run. */
  readonly users: UsersFigures | null;
  /** Those of the whole run, where `users` speaks of its last attempt alone. */
  readonly usersWhole?: UsersFigures | null;
  readonly data: string | null;
  readonly proof: string | null;
  /** What remains and until when. */
  readonly left: readonly string[];
  /** A report path and why it is not signed (null when it is). */
  readonly record: { readonly path: string; readonly unsigned: string | null } | null;
  /** The lines with which a third party verifies the report. */
  readonly verify: readonly string[];
  /** Plain commands that undo the change without routerctl. */
  readonly byHand: string | null;
  /** The kind of the check that failed first, for `explain`. */
  readonly failedKind: string | null;
  /** Replaces the usual next command of the outcome. */
  readonly next?: string;
}

export function summaryLines(input: SummaryInput, columns: number, style: Style): string[] {
  const facts = [...factBlocks(input), { label: 'NEXT', lines: [input.next ?? nextCommand(input)], whole: true }];
  return [renderLine(headline(input), columns, style), ...facts.flatMap((each) => blockLines(each, columns, style))];
}

interface Block {
  readonly label: string;
  readonly lines: readonly string[];
  /** A command or a path that is cut or broken cannot be copied: such lines keep their whole length. */
  readonly whole: boolean;
}

const labelWidth = 11;

function blockLines({ label, lines, whole }: Block, columns: number, style: Style): string[] {
  const wrapped = whole ? lines : lines.flatMap((text) => wrap(text, columns - labelWidth));
  const tone: Tone = label === 'NEXT' ? 'strong' : 'plain';
  return wrapped.map((text, index) => {
    const head = piece(` ${padEnd(index === 0 ? label : '', labelWidth - 1)}`, label === 'NEXT' ? 'strong' : 'quiet');
    return renderLine(line([head, piece(text, tone)]), Number.POSITIVE_INFINITY, style);
  });
}

function headline(input: SummaryInput): Line {
  const { words, tone } = verdictWords(input);
  const place = `${input.environment === 'production' ? 'PRODUCTION ' : ''}${input.target}${input.host === null ? '' : ` @ ${input.host}`}`;
  const serves = input.serving === null ? '' : ` serves ${input.serving}`;
  return line([piece(` ${words}`, tone), piece(`: ${place}${serves}`, 'strong')], [piece(`exit ${input.exitCode}`, 'quiet')]);
}

function verdictWords({ outcome, exitCode }: SummaryInput): { words: string; tone: Tone } {
  if (exitCode === 5) return { words: 'ROLLBACK FAILED: A PERSON IS NEEDED', tone: 'alarm' };
  switch (outcome) {
    case 'upgraded':
      return { words: exitCode === 8 ? 'UPGRADED, REPORT NOT SIGNED' : 'UPGRADED', tone: exitCode === 8 ? 'attention' : 'good' };
    case 'passed':
      return { words: exitCode === 8 ? 'PASSED, REPORT NOT SIGNED' : 'PASSED', tone: exitCode === 8 ? 'attention' : 'good' };
    case 'rolled-back':
      return { words: 'ROLLED BACK, VERIFIED', tone: exitCode === 0 ? 'good' : 'attention' };
    case 'rollback-failed':
      return { words: 'ROLLBACK FAILED: A PERSON IS NEEDED', tone: 'alarm' };
    case 'failed':
      return { words: 'STOPPED, NOTHING CHANGED', tone: 'bad' };
    case 'unmeasured':
      return { words: 'COULD NOT BE MEASURED, NOTHING CHANGED', tone: 'attention' };
    case 'kept':
      return { words: 'KEPT, NOT EVERYTHING PASSED', tone: 'attention' };
    case 'interrupted':
      return { words: 'INTERRUPTED, NOTHING CHANGED', tone: 'attention' };
  }
}

function factBlocks(input: SummaryInput): Block[] {
  const { record, byHand } = input;
  const block = (label: string, lines: readonly string[], whole = false): Block => ({ label, lines, whole });
  return [
    block('why', input.why),
    block('users', usersWords(input)),
    block('data', input.data === null ? [] : [input.data]),
    block('proof', input.proof === null ? [] : [input.proof]),
    block('left', input.left),
    block(
      'record',
      record === null ? [] : [`${record.path}, ${record.unsigned === null ? 'signed' : `NOT signed: ${record.unsigned}`}`],
      true,
    ),
    block('by hand', byHand === null || input.exitCode !== 5 ? [] : [byHand], true),
    block('verify', input.verify, true),
  ];
}

function usersWords({ users, usersWhole }: SummaryInput): string[] {
  if (users === null && (usersWhole ?? null) === null) return [];
  const own = users === null ? 'not measured' : figuresWords(users);
  return [usersWhole == null ? own : `${own}; with what came before: ${figuresWords(usersWhole)}`];
}

function figuresWords({ downMs, downFromMs, downToMs, unseenMs, probes, probesFailed, streamsCut }: UsersFigures): string {
  const when =
    downMs !== null && downMs > 0 && downFromMs !== null && downToMs !== null
      ? ` (${clockSeconds(downFromMs)}-${clockSeconds(downToMs)} UTC)`
      : '';
  const unseen = unseenMs > 0 ? `nobody asked for ${seconds(unseenMs)}` : null;
  const down = downMs === null ? 'downtime unknown' : `${unseen === null ? '' : 'at least '}${seconds(downMs)} down${when}`;
  const parts = [
    unseen === null ? down : `${down}${downMs === null ? ':' : ','} ${unseen}`,
    `${probesFailed} of ${counted(probes, 'probe')} failed`,
  ];
  if (streamsCut !== null) parts.push(`${counted(streamsCut, 'stream')} cut`);
  return parts.join(', ');
}

function nextCommand(input: SummaryInput): string {
  const target = `-t ${input.target}`;
  const to = input.package === null ? '' : ` --to ${input.package}`;
  if (input.exitCode === 5)
    return input.byHand === null ? `routerctl run show ${input.runId}` : `follow ${input.byHand}, then: routerctl smoke ${target}`;
  if (input.exitCode === 8) return `sign it: routerctl report sign ${input.record?.path ?? input.runId}`;
  switch (input.outcome) {
    case 'upgraded':
      return `nothing. While its rollback data is kept: routerctl rollback ${target}`;
    case 'passed':
      return 'nothing.';
    case 'rolled-back':
      if (!input.markedBad) return 'nothing.';
      return `nothing tonight. ${input.to} is marked bad here; lift with: routerctl upgrade ${target}${to} --despite-bad "reason"`;
    case 'rollback-failed':
      return `routerctl run show ${input.runId}`;
    case 'failed':
      return input.failedKind === null ? `routerctl run show ${input.runId}` : `routerctl explain ${input.failedKind}`;
    case 'unmeasured':
      return `make the router reachable, then: routerctl smoke ${target}`;
    case 'kept':
      return `look at it, then keep it or: routerctl rollback ${target}`;
    case 'interrupted':
      return `nothing to clean up. Begin again: routerctl upgrade ${target}${to}`;
  }
}
