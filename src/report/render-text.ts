// The report on a terminal: what `report show` prints. Texts from outside are escaped, so that they cannot redraw the screen.
import { terminalText } from '../core/terminal-text.js';
import type { ReportDocument } from './report-document.js';
import { usersLine } from './users-line.js';
import { acknowledgedWords, clockTime, markOf, took } from './wording.js';

export function renderText(report: ReportDocument): readonly string[] {
  return [...head(report), '', ...questions(report), '', ...steps(report), ...rest(report)].map((line) => terminalText(line).trimEnd());
}

function head(report: ReportDocument): string[] {
  const { result, release } = report;
  const line = ` ${result.verdictLine}`;
  const exit = result.exitCode === null ? 'no exit code' : `exit ${result.exitCode}`;
  const lines: [string, string][] = [
    ['why', result.why],
    ['users', usersLine(report)],
    ['release', `${release.from ?? 'unknown'} -> ${release.to ?? 'unknown'}`],
    ['run', `${report.runId}, ${report.startedAt} to ${report.finishedAt}${report.changeRef === null ? '' : `, ${report.changeRef}`}`],
    ['plan', report.planHash.slice(0, 16)],
    ['NEXT', result.next],
  ];
  return [`${line}${' '.repeat(Math.max(2, 92 - line.length))}${exit}`, ...lines.filter(([, text]) => text !== '').map(pair)];
}

const pair = ([name, text]: readonly [string, string]): string => ` ${name.padEnd(9)} ${text}`;

function questions({ questions: asked }: ReportDocument): string[] {
  return asked.map(({ status, title, answer }) => ` ${markOf(status)} ${title.padEnd(36)} ${answer}`);
}

function steps({ timeline }: ReportDocument): string[] {
  return timeline.flatMap((entry) => {
    const back = entry.way === 'back' ? 'back: ' : '';
    const line = ` ${clockTime(entry.startedAt)} ${markOf(entry.status)} ${back}${entry.step}   ${entry.summary}   ${took(entry.tookMs)}`;
    const quiet = entry.status === 'pass' || entry.status === 'done' || entry.status === 'unchanged';
    return quiet
      ? [line]
      : [
          line,
          ...entry.details.map((detail) => `            ${detail}`),
          ...(entry.hint === null ? [] : [`            hint: ${entry.hint}`]),
        ];
  });
}

function rest({ unproven, overrides, leftovers, people }: ReportDocument): string[] {
  const block = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', ` ${title}`, ...lines.map((line) => `   ${line}`)];
  return [
    ...block(
      'not proven',
      unproven.map(({ what, why }) => `${what}: ${why}`),
    ),
    ...block(
      'overridden',
      overrides.map(({ rule, reason, by }) => `${rule} by ${by}: ${reason}`),
    ),
    ...block(
      'acknowledged',
      (people.acknowledged ?? []).map((each) => `${each.at} ${acknowledgedWords(each)}`),
    ),
    ...block('left', leftovers),
  ];
}
