// The report as one self-contained page: no script, nothing loaded, and a content security policy that says so.
import { createHash } from 'node:crypto';
import { plots } from './html-plots.js';
import { reportStyle } from './html-style.js';
import { html, type Tone, toneOf } from './html-text.js';
import type { ReportDocument, TimelineEntry } from './report-document.js';
import { usersLine } from './users-line.js';
import { clockTime, flatFacts, markOf, personOf, took } from './wording.js';

export function renderHtml(report: ReportDocument): string {
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(reportStyle).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(`${report.result.verdictLine} (run ${report.runId})`)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
${[head, questions, timeline, changes, backups, decisions, people, unproven, record].map((part) => part(report)).join('\n')}
</main>
</body>
</html>
`;
}

const list = (pairs: readonly (readonly [string, string])[]): string =>
  `<dl>${pairs.map(([name, text]) => `<dt>${html(name)}</dt><dd>${html(text)}</dd>`).join('')}</dl>`;
const section = (title: string, body: string): string => (body === '' ? '' : `<section><h2>${html(title)}</h2>${body}</section>`);
const mark = (status: TimelineEntry['status']): string =>
  `<span class="mark ${toneOf(status)}" aria-hidden="true">${markOf(status)}</span>`;

function table(names: readonly string[], rows: readonly string[], flow = false): string {
  if (rows.length === 0) return '';
  const header = names.map((name) => `<th scope="col">${html(name)}</th>`).join('');
  return `<div class="scroll"><table${flow ? ' class="flow"' : ''}><thead><tr>${header}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
const row = (...cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`;

const tones: Readonly<Record<ReportDocument['result']['outcome'], Tone>> = {
  upgraded: 'good',
  passed: 'good',
  'rolled-back': 'care',
  kept: 'care',
  unmeasured: 'care',
  interrupted: 'care',
  unfinished: 'care',
  failed: 'bad',
  'rollback-failed': 'bad',
};

function head(report: ReportDocument): string {
  const { result, release, target } = report;
  const facts: [string, string][] = [
    ['Why', result.why],
    ['Users', usersLine(report)],
    ['Release', `${release.from ?? 'unknown'} → ${release.to ?? 'unknown'}`],
    ['Target', `${target.name} (${target.environment})`],
    ['Time', `${report.startedAt} to ${report.finishedAt}`],
    ['Next', result.next],
  ];
  return `<header><div class="verdict ${tones[result.outcome]}"><h1>${html(result.verdictLine)}</h1><p class="soft">run ${html(report.runId)}${report.changeRef === null ? '' : `, ${html(report.changeRef)}`}, ${result.exitCode === null ? 'no exit code' : `exit ${result.exitCode}`}</p></div>${list(facts)}</header>`;
}

function questions({ questions: asked }: ReportDocument): string {
  const cards = asked.map(({ title, status, answer, items }) => {
    const lines = items
      .map(
        (item) => `<li>${mark(item.status)}${html(item.step)}: <span class="soft">${html(`${item.status}, ${item.summary}`)}</span></li>`,
      )
      .join('');
    return `<article class="card"><h3>${html(title)}</h3><p class="${toneOf(status)}">${mark(status)}${html(answer)}</p><ul>${lines}</ul></article>`;
  });
  return section('Four questions', `<div class="cards">${cards.join('')}</div>`);
}

function timeline(report: ReportDocument): string {
  const rows = report.timeline.map((entry) => {
    const more = [...entry.details, ...(entry.hint === null ? [] : [`hint: ${entry.hint}`])]
      .map((line) => `<br><span class="soft">${html(line)}</span>`)
      .join('');
    const name = `${entry.way === 'back' ? '↩ ' : ''}${entry.step}`;
    return `<tr${entry.way === 'back' ? ' class="back"' : ''}><td class="time mono">${clockTime(entry.startedAt)}</td><td class="state ${toneOf(entry.status)}">${mark(entry.status)}${html(entry.status)}</td><td>${html(name)}</td><td class="soft">${html(entry.kind)}</td><td class="time soft">${html(took(entry.tookMs))}</td><td class="wide">${html(entry.summary)}${more}</td></tr>`;
  });
  return section('Timeline (UTC)', `${plots(report)}${table(['at', 'verdict', 'step', 'kind', 'took', 'finding'], rows, true)}`);
}

function changes({ changes: planned }: ReportDocument): string {
  const rows = planned.flatMap(({ step, diff }) =>
    diff
      .filter(({ sign }) => sign !== ' ')
      .map(
        ({ sign, text }) => `<tr><td>${html(step)}</td><td class="state mono">${html(sign)}</td><td class="wide">${html(text)}</td></tr>`,
      ),
  );
  return section('Planned changes', table(['step', '', 'what'], rows));
}

function backups({ backups: made }: ReportDocument): string {
  const cards = made.map(
    ({ step, proven, summary, evidence }) =>
      `<article class="card"><h3>${html(step)}</h3><p class="${proven ? 'good' : 'bad'}">${mark(proven ? 'pass' : 'fail')}${proven ? 'proven by restoring it' : 'not proven'}</p><p>${html(summary)}</p>${list(flatFacts(evidence).map(({ name, value }) => [name, value] as const))}</article>`,
  );
  return section('Backups', cards.length === 0 ? '' : `<div class="cards">${cards.join('')}</div>`);
}

function decisions({ gates, overrides, rollback }: ReportDocument): string {
  const rolled =
    rollback === null
      ? ''
      : list([
          ['Rolled back at', rollback.orderedAt],
          ['Why', rollback.why],
          [
            'Verified',
            rollback.verified === null
              ? 'no'
              : rollback.verified
                ? `yes, after ${took(rollback.tookMs)}`
                : `no: ${rollback.failed.join(', ')}`,
          ],
        ]);
  const rules = table(
    ['gate', 'rule', 'orders', 'met'],
    gates.map(({ criterion, when, then, met }) => row(criterion, when, then, met ? 'yes' : 'no')),
  );
  return section(
    'Decisions',
    `${rolled}${rules}${table(
      ['overridden', 'reason', 'by'],
      overrides.map(({ rule, reason, by }) => row(rule, reason, by)),
    )}`,
  );
}

function people({ people: who }: ReportDocument): string {
  return section(
    'People',
    list([
      ['Operator', personOf(who.operator)],
      ['Approval', personOf(who.approval)],
      ...who.handOvers.map(({ at, from, to }) => [at, `${to} took over from ${from}`] as const),
      ['Rollback owner', who.rollbackOwner ?? 'not named'],
      ...who.requests.map(({ at, by, request, reason }) => [at, `${by} asked to ${request}: ${reason}`] as const),
      ...who.notes.map(({ at, by, text }) => [at, `${by}: ${text}`] as const),
    ]),
  );
}

function unproven({ unproven: gaps }: ReportDocument): string {
  return section(
    'Not proven',
    table(
      ['what', 'why'],
      gaps.map(({ what, why }) => row(what, why)),
    ),
  );
}

function record(report: ReportDocument): string {
  const { journal, playbook, tool, interruptions, leftovers, release } = report;
  const facts: (readonly [string, string])[] = [
    ['Plan', report.planHash],
    ['Playbook', `${playbook.name}, ${playbook.sha256}`],
    ['Tool', `${tool.name} ${tool.version}`],
    ['Journal', `${journal.entries} entries, head ${journal.head}${journal.sealed ? '' : ', no end'}`],
    ...release.artifacts.map(({ name, sha256 }) => ['Artifact', `${name} sha256:${sha256}`] as const),
    ...interruptions.map(({ at, what }) => [at, what] as const),
    ...leftovers.map((left) => ['Left', left] as const),
  ];
  return section('Record', list(facts));
}
