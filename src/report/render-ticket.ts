// The text that goes into a change ticket, at the three moments that ask for one: what is planned, how it went, and why it may be
// closed. Plain lines, short enough to be read, with nothing that the report does not prove.
import { terminalText } from '../core/terminal-text.js';
import type { ReportDocument } from './report-document.js';
import { usersLine } from './users-line.js';
import { acknowledgedWords, markOf, personOf, took } from './wording.js';

export type TicketMoment = 'plan' | 'outcome' | 'close';

export function renderTicket(report: ReportDocument, moment: TicketMoment): readonly string[] {
  const lines = { plan: planned, outcome: outcome, close: closing }[moment](report);
  return [headline(report, moment), ...lines.map(([name, text]) => `${`${name}:`.padEnd(12)}${text}`)].map((line) => terminalText(line));
}

type Fact = readonly [name: string, text: string];

function headline({ changeRef, target, playbook, runId }: ReportDocument, moment: TicketMoment): string {
  const what = { plan: 'planned', outcome: 'outcome', close: 'closing' }[moment];
  return [changeRef, `${what}: ${playbook.title}`, `${target.name} (${target.environment})`, `run ${runId}`]
    .filter((part) => part !== null)
    .join(' · ');
}

const versions = ({ release }: ReportDocument): string => `${release.from ?? 'unknown'} -> ${release.to ?? 'unknown'}`;

function planned(report: ReportDocument): readonly Fact[] {
  const { release, window, people, changes, planHash, gates } = report;
  return [
    ...(release.to === null ? [] : [['release', versions(report)] as const]),
    ...release.artifacts.map(({ name, sha256 }) => ['package', `${name} sha256 ${sha256}`] as const),
    ['plan', planHash],
    ['window', window === null ? 'none given' : `${window.from} to ${window.to}`],
    ['by', personOf(people.operator)],
    ['approved', people.approval === null ? 'no approval was given' : personOf(people.approval)],
    ...(people.acknowledged ?? []).map((each) => ['read', `${acknowledgedWords(each)} (${each.at})`] as const),
    ...changes.map(({ step, diff }) => ['change', `${step}: ${diff.map(({ sign, text }) => `${sign} ${text}`).join('; ')}`] as const),
    ['way back', changes.length === 0 ? 'nothing changes' : 'automatic until the last commit, validated against the state before'],
    ...gates.map(({ why, then }) => ['stops if', `${why}; then ${then}`] as const),
  ];
}

function outcome(report: ReportDocument): readonly Fact[] {
  const { result, counts, rollback, startedAt, finishedAt, unproven } = report;
  return [
    ['result', result.verdictLine],
    ['exit', result.exitCode === null ? 'the run has not ended' : String(result.exitCode)],
    ...(result.exitCode === 0 ? [] : [['why', result.why] as const]),
    ['time', `${startedAt} to ${finishedAt}`],
    ...(report.release.to === null ? [] : [['release', versions(report)] as const]),
    ['users', usersLine(report)],
    ['checks', `${counts.passed} passed, ${counts.failed} failed, ${counts.inconclusive} not measured, ${counts.skipped} skipped`],
    ...(rollback === null
      ? []
      : [['rollback', `${rollback.verified === true ? 'verified' : 'NOT verified'}, ${took(rollback.tookMs)}`] as const]),
    ...unproven.map(({ what, why }) => ['not proven', `${what}: ${why}`] as const),
  ];
}

function closing(report: ReportDocument): readonly Fact[] {
  const { questions, result, leftovers, backups, journal } = report;
  return [
    ['result', result.verdictLine],
    ...questions.map(({ title, status, answer }) => [markOf(status), `${title} ${answer}`] as const),
    ...backups.map(({ proven, summary }) => ['backup', `${proven ? 'proven' : 'NOT proven'}: ${summary}`] as const),
    ...leftovers.map((line) => ['left', line] as const),
    ['journal', `${journal.entries} entries, head ${journal.head.slice(0, 16)}, ${journal.sealed ? 'sealed' : 'NOT sealed'}`],
    ['next', result.next],
  ];
}
