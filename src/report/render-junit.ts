// The report as JUnit XML: the part of the format on which CI servers agree (no skipped or timestamp on the root, times with
// three decimals, properties at suite level only).
import type { ReportDocument, TimelineEntry } from './report-document.js';

export function renderJunit(report: ReportDocument): string {
  const suites = suitesOf(report);
  const totals = numbers(suites.flatMap(({ cases }) => cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`routerctl ${report.runId}`)}" tests="${totals.tests}" failures="${totals.failures}" errors="${totals.errors}" time="${totals.time}">`,
    ...suites.flatMap(({ name, cases }, index) => suite(report, name, cases, index)),
    '</testsuites>',
    '',
  ].join('\n');
}

/** Escaped for text and attributes; characters that XML 1.0 does not know are replaced. */
export function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TimelineEntry[];
}

/** One suite a phase, one for the way back; each step once, by its last attempt, since only the first of a name counts in some viewers. */
function suitesOf({ timeline }: ReportDocument): readonly Suite[] {
  const suites = new Map<string, Map<string, TimelineEntry>>();
  for (const entry of timeline) {
    const name = entry.way === 'back' ? 'rollback' : (entry.phase ?? 'run');
    const cases = suites.get(name) ?? new Map<string, TimelineEntry>();
    cases.set(`${entry.what} ${entry.step}`, entry);
    suites.set(name, cases);
  }
  return [...suites].map(([name, cases]) => ({ name, cases: [...cases.values()] }));
}

function suite(report: ReportDocument, name: string, cases: readonly TimelineEntry[], index: number): readonly string[] {
  const { tests, failures, errors, skipped, time } = numbers(cases);
  const started = (cases[0]?.startedAt ?? report.startedAt).slice(0, 19);
  return [
    `  <testsuite name="${xml(name)}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${time}" timestamp="${xml(started)}" hostname="${xml(report.target.name)}" id="${index}">`,
    '    <properties>',
    ...Object.entries({ runId: report.runId, outcome: report.result.outcome, planHash: report.planHash }).map(
      ([key, value]) => `      <property name="${key}" value="${xml(value)}"/>`,
    ),
    '    </properties>',
    ...cases.flatMap((entry) => testCase(name, entry)),
    '  </testsuite>',
  ];
}

function testCase(suiteName: string, entry: TimelineEntry): readonly string[] {
  const name = entry.what === 'revert' ? `${entry.step} (revert)` : entry.step;
  const open = `    <testcase name="${xml(name)}" classname="${xml(`${suiteName}.${entry.kind}`)}" time="${seconds(entry.tookMs)}">`;
  const text = xml([entry.summary, ...entry.details, ...(entry.hint === null ? [] : [`hint: ${entry.hint}`])].join('\n'));
  const kind = kindOf(entry);
  if (kind === 'skipped') return [open, `      <skipped message="${xml(entry.summary)}"/>`, '    </testcase>'];
  if (kind === 'passed') return [open, `      <system-out>${text}</system-out>`, '    </testcase>'];
  return [open, `      <${kind} message="${xml(entry.summary)}" type="${entry.status}">${text}</${kind}>`, '    </testcase>'];
}

/** What could not be measured is an error, never a pass; a step that only warns does not fail a build. */
function kindOf({ status, required }: TimelineEntry): 'passed' | 'failure' | 'error' | 'skipped' {
  switch (status) {
    case 'fail':
    case 'failed':
    case 'conflict':
      return required ? 'failure' : 'passed';
    case 'inconclusive':
    case 'unfinished':
      return required ? 'error' : 'skipped';
    case 'skip':
    case 'waived':
      return 'skipped';
    case 'pass':
    case 'warn':
    case 'done':
    case 'unchanged':
      return 'passed';
  }
}

function numbers(cases: readonly TimelineEntry[]): Record<'tests' | 'failures' | 'errors' | 'skipped' | 'time', string> {
  const count = (kind: ReturnType<typeof kindOf>): string => String(cases.filter((entry) => kindOf(entry) === kind).length);
  const time = seconds(cases.reduce((sum, { tookMs }) => sum + (tookMs ?? 0), 0));
  return { tests: String(cases.length), failures: count('failure'), errors: count('error'), skipped: count('skipped'), time };
}

const seconds = (ms: number | null): string => ((ms ?? 0) / 1000).toFixed(3);
