// The last words of a run: one line that says how it ended, the measured facts below it, and exactly one next command.
// These lines stay in the scrollback and go into tickets, so they stand alone without the screen above them.
import type { ExitCode } from '../core/exit-code.js';
import type { RunOutcome } from '../core/run-event.js';
import { clockSeconds, counted, seconds } from './figures.js';
import { type LabelledBlock, labelledLines } from './labelled-block.js';
import { type Line, line, piece } from './line.js';
import type { Style, Tone } from './style.js';
import { wholeLines } from './whole-line.js';

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
  /** The report's own line: what a third party reads there and what the operator reads here are the same words. */
  readonly verdict: string;
  readonly outcome: RunOutcome;
  readonly exitCode: ExitCode;
  readonly runId: string;
  readonly target: string;
  readonly environment: string;
  readonly from: string | null;
  readonly to: string | null;
  /** What `--to` takes to try the same once more; null when the run had no package. */
  readonly package: string | null;
  /** The new version counts as bad here from now on. */
  readonly markedBad: boolean;
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
  /** Who could not be told of what. */
  readonly untold?: readonly string[];
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
  const next: LabelledBlock = { label: 'NEXT', lines: [input.next ?? nextCommand(input)], tone: 'strong', labelTone: 'strong' };
  const facts = [...factBlocks(input), next];
  return [...wholeLines(headline(input), 4, columns, style), ...facts.flatMap((each) => labelledLines(each, columns, style))];
}

function headline({ verdict, environment, exitCode, outcome }: SummaryInput): Line {
  const colon = verdict.indexOf(': ');
  const words = `${verdict.slice(0, colon)}${exitCode === 8 ? ', REPORT NOT SIGNED' : ''}`;
  const place = `${environment === 'production' ? 'PRODUCTION ' : ''}${verdict.slice(colon + 2)}`;
  return line([piece(` ${words}`, toneOf(outcome, exitCode)), piece(`: ${place}`, 'strong')], [piece(`exit ${exitCode}`, 'quiet')]);
}

function toneOf(outcome: RunOutcome, exitCode: ExitCode): Tone {
  if (exitCode === 5 || outcome === 'rollback-failed') return 'alarm';
  if (outcome === 'failed') return 'bad';
  return exitCode === 0 ? 'good' : 'attention';
}

function factBlocks(input: SummaryInput): LabelledBlock[] {
  const { record, byHand } = input;
  const block = (label: string, lines: readonly string[]): LabelledBlock => ({ label, lines });
  return [
    block('why', input.why),
    block('users', usersWords(input)),
    block('data', input.data === null ? [] : [input.data]),
    block('proof', input.proof === null ? [] : [input.proof]),
    block('left', input.left),
    block('notify', input.untold ?? []),
    block('record', record === null ? [] : [`${record.path}, ${record.unsigned === null ? 'signed' : `NOT signed: ${record.unsigned}`}`]),
    block('by hand', byHand === null || input.exitCode !== 5 ? [] : [byHand]),
    { ...block('verify', input.verify), whole: true },
  ];
}

function usersWords({ users, usersWhole }: SummaryInput): string[] {
  if (users === null && (usersWhole ?? null) === null) return [];
  const own = users === null ? 'not measured' : figuresWords(users, true);
  return [usersWhole == null ? own : `${own}; with what came before: ${figuresWords(usersWhole, false)}`];
}

function figuresWords({ downMs, downFromMs, downToMs, unseenMs, probes, probesFailed, streamsCut }: UsersFigures, clocks: boolean): string {
  const when =
    clocks && downMs !== null && downMs > 0 && downFromMs !== null && downToMs !== null
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
      return `nothing. While its rollback data is kept: routerctl rollback ${input.runId}`;
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
      return `look at it, then keep it or: routerctl rollback ${input.runId}`;
    case 'interrupted':
      return `nothing to clean up. Begin again: routerctl upgrade ${target}${to}`;
  }
}
