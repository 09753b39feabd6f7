// The report as Markdown, for tickets and mail. Every text from outside is escaped: it can add neither markup nor HTML.
import { terminalText } from '../core/terminal-text.js';
import type { ReportDocument } from './report-document.js';
import { downWords, usersLine } from './users-line.js';
import { clockTime, flatFacts, isoTime, markOf, personOf, took } from './wording.js';

export function renderMarkdown(report: ReportDocument): string {
  const sections = [
    head(report),
    questions(report),
    users(report),
    timeline(report),
    changes(report),
    backups(report),
    gates(report),
    people(report),
    unproven(report),
    record(report),
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
}

/** Control characters made visible, Markdown's and HTML's own characters made harmless. */
export function markdownText(text: string): string {
  return terminalText(text)
    .replace(/[\\`*_[\]|#~!]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/:\/\//g, ':&#47;&#47;');
}

const esc = markdownText;
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (names: readonly string[], rows: readonly string[]): string[] =>
  rows.length === 0 ? [] : ['', row(...names), row(...names.map(() => '---')), ...rows];

function head(report: ReportDocument): string[] {
  const { result, release, target } = report;
  return [
    `# ${esc(result.verdictLine)}`,
    ...table(
      ['', ''],
      [
        row('outcome', `${esc(result.outcome)}, exit ${result.exitCode ?? 'none'}`),
        row('why', esc(result.why)),
        row('target', `${esc(target.name)} (${esc(target.environment)})`),
        row('release', `${esc(release.from ?? 'unknown')} → ${esc(release.to ?? 'unknown')}`),
        row('from, to', `${report.startedAt}, ${report.finishedAt}`),
        row('users', esc(usersLine(report))),
        row('next', esc(result.next)),
      ],
    ),
  ];
}

function questions({ questions: asked }: ReportDocument): string[] {
  return asked
    .flatMap(({ title, status, answer, items }) => [
      `## ${title}`,
      '',
      `**${markOf(status)} ${esc(answer)}**`,
      ...table(
        ['', 'check', 'finding'],
        items.map((item) => row(`${markOf(item.status)} ${item.status}`, esc(item.step), esc(item.summary))),
      ),
      '',
    ])
    .slice(0, -1);
}

function users({ availability }: ReportDocument): string[] {
  if (availability === null) return ['## Users', '', 'Downtime was not measured.'];
  const rows = availability.outages.map(({ fromMs, toMs, failures }) =>
    row(isoTime(fromMs), isoTime(toMs), took(toMs - fromMs), String(failures)),
  );
  return [
    '## Users',
    '',
    `Asked every ${availability.everyMs} ms by a process of its own: ${availability.requests} requests, ${availability.failures} failed, longest gap ${took(availability.longestGapMs)}, ${downWords(availability)}.`,
    ...table(['from', 'to', 'down', 'failed'], rows),
  ];
}

function timeline({ timeline: entries }: ReportDocument): string[] {
  const rows = entries.map((entry) =>
    row(
      clockTime(entry.startedAt),
      `${markOf(entry.status)} ${entry.status}`,
      `${entry.way === 'back' ? 'back: ' : ''}${esc(entry.step)}`,
      esc(entry.kind),
      took(entry.tookMs),
      [entry.summary, ...entry.details].map(esc).join('<br>'),
    ),
  );
  return ['## Timeline (UTC)', ...table(['at', 'verdict', 'step', 'kind', 'took', 'finding'], rows)];
}

function changes({ changes: planned }: ReportDocument): string[] {
  const rows = planned.flatMap(({ step, diff }) =>
    diff.filter(({ sign }) => sign !== ' ').map(({ sign, text }) => row(esc(step), `\\${sign}`, esc(text))),
  );
  return rows.length === 0 ? [] : ['## Planned changes', ...table(['step', '', 'what'], rows)];
}

function backups({ backups: made }: ReportDocument): string[] {
  return made.flatMap(({ step, proven, summary, evidence }) => [
    `## Backup ${esc(step)}`,
    '',
    `${proven ? '✓ proven by restoring it' : '✗ not proven'}: ${esc(summary)}`,
    ...table(
      ['', ''],
      flatFacts(evidence).map((fact) => row(esc(fact.name), esc(fact.value))),
    ),
  ]);
}

function gates({ gates: rules, overrides, rollback }: ReportDocument): string[] {
  const lines = [
    ...table(
      ['gate', 'rule', 'orders', 'met'],
      rules.map((gate) => row(esc(gate.criterion), esc(gate.when), esc(gate.then), gate.met ? 'yes' : 'no')),
    ),
    ...table(
      ['overridden', 'reason', 'by'],
      overrides.map((override) => row(esc(override.rule), esc(override.reason), esc(override.by))),
    ),
    ...(rollback === null ? [] : ['', `Rolled back at ${rollback.orderedAt}: ${esc(rollback.why)}. ${rollbackEnd(rollback)}`]),
  ];
  return lines.length === 0 ? [] : ['## Decisions', ...lines];
}

export function rollbackEnd({ verified, tookMs, failed }: NonNullable<ReportDocument['rollback']>): string {
  if (verified === null) return 'It was not verified.';
  return verified ? `The old state was verified after ${took(tookMs)}.` : `Not as before: ${esc(failed.join(', '))}.`;
}

function people({ people: who }: ReportDocument): string[] {
  return [
    '## People',
    ...table(
      ['', ''],
      [
        row('operator', esc(personOf(who.operator))),
        row('approval', esc(personOf(who.approval))),
        ...who.handOvers.map(({ at, from, to }) => row(at, `${esc(to)} took over from ${esc(from)}`)),
        row('rollback owner', esc(who.rollbackOwner ?? 'not named')),
        ...who.requests.map(({ at, by, request, reason }) => row(at, `${esc(by)} asked to ${esc(request)}: ${esc(reason)}`)),
        ...who.notes.map(({ at, by, text }) => row(at, `${esc(by)}: ${esc(text)}`)),
      ],
    ),
  ];
}

function unproven({ unproven: gaps }: ReportDocument): string[] {
  return ['## Not proven', '', ...gaps.map(({ what, why }) => `- ${esc(what)}: ${esc(why)}`)];
}

function record(report: ReportDocument): string[] {
  const { journal, playbook, tool, interruptions, leftovers } = report;
  return [
    '## Record',
    ...table(
      ['', ''],
      [
        row('run', esc(report.runId)),
        row('change', esc(report.changeRef ?? 'none')),
        row('plan', report.planHash),
        row('playbook', `${esc(playbook.name)}, ${playbook.sha256}`),
        row('tool', `${tool.name} ${esc(tool.version)}`),
        row('journal', `${journal.entries} entries, head ${journal.head}${journal.sealed ? '' : ', no end'}`),
        ...interruptions.map(({ at, what }) => row(at, esc(what))),
        ...leftovers.map((left) => row('left', esc(left))),
      ],
    ),
  ];
}
