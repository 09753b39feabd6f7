// The four questions that a service owner asks before saying yes: can it be run, observed, updated, rolled back predictably?
// Each is answered by the checks that bear on it; the worst of them is the answer, and no checks are no answer.
import type { RunEvent } from '../core/run-event.js';
import type { VerdictStatus } from '../core/verdict.js';
import type { Question, QuestionId, TimelineEntry } from './report-document.js';

const titles: Readonly<Record<QuestionId, string>> = {
  run: 'Can it be run?',
  observed: 'Can it be observed?',
  updated: 'Can it be updated?',
  rolledBack: 'Can it be rolled back predictably?',
};

/** Kinds that do not simply tell whether the router runs. */
const ofKind: Readonly<Record<string, readonly QuestionId[]>> = {
  version: ['observed', 'updated'],
  'usage-recorded': ['observed'],
  process: ['run', 'observed'],
  package: ['updated'],
  'release-notes': ['updated'],
  'disk-space': ['updated'],
  backup: ['rolledBack'],
};

type Item = Question['items'][number] & { readonly required?: boolean };

export function questionsOf(timeline: readonly TimelineEntry[], events: readonly RunEvent[]): readonly Question[] {
  const latest = latestForward(timeline);
  const items: Record<QuestionId, Item[]> = { run: [], observed: [], updated: [], rolledBack: [] };
  for (const entry of latest) {
    const item = { step: entry.step, status: entry.status, summary: entry.summary, required: entry.required };
    for (const id of entry.what === 'check' ? (ofKind[entry.kind] ?? ['run']) : (ofKind[entry.kind] ?? ['updated'])) items[id].push(item);
  }
  items.rolledBack.push(...undoItems(events), ...rollbackItems(timeline, events));
  return (Object.keys(titles) as QuestionId[]).map((id) => answered(id, items[id]));
}

/** The last attempt of each step on the way forward: earlier ones were overtaken. */
function latestForward(timeline: readonly TimelineEntry[]): readonly TimelineEntry[] {
  const latest = new Map<string, TimelineEntry>();
  for (const entry of timeline) if (entry.way === 'forward') latest.set(entry.step, entry);
  return [...latest.values()];
}

function undoItems(events: readonly RunEvent[]): readonly Item[] {
  const latest = new Map<string, Item>();
  for (const event of events) {
    if (event.type === 'undo-checked')
      latest.set(event.data.step, {
        step: `${event.data.step} (undo)`,
        status: event.data.verdict.status,
        summary: event.data.verdict.summary,
      });
  }
  return [...latest.values()];
}

function rollbackItems(timeline: readonly TimelineEntry[], events: readonly RunEvent[]): readonly Item[] {
  const back = timeline
    .filter(({ way }) => way === 'back')
    .map(({ step, status, summary }) => ({ step: `${step} (rolled back)`, status, summary }));
  const validated = events.findLast((event) => event.type === 'rollback-validated');
  if (validated?.type !== 'rollback-validated') return back;
  const { verified, failed } = validated.data;
  return [
    ...back,
    {
      step: 'rollback',
      status: verified ? 'pass' : 'fail',
      summary: verified ? 'the old state was verified against its baseline' : `not as before: ${failed.join(', ')}`,
    },
  ];
}

const asVerdict: Readonly<Record<TimelineEntry['status'], VerdictStatus>> = {
  pass: 'pass',
  warn: 'warn',
  fail: 'fail',
  inconclusive: 'inconclusive',
  skip: 'skip',
  waived: 'waived',
  done: 'pass',
  unchanged: 'pass',
  failed: 'fail',
  conflict: 'fail',
  unfinished: 'inconclusive',
};
const fromWorst: readonly VerdictStatus[] = ['fail', 'inconclusive', 'waived', 'warn', 'pass'];
const words: Readonly<Record<VerdictStatus, string>> = {
  pass: 'yes',
  warn: 'yes, with warnings',
  fail: 'no',
  inconclusive: 'not proven',
  waived: 'waived',
  skip: 'not asked',
};

function answered(id: QuestionId, items: readonly Item[]): Question {
  const statuses = items.map(({ status, required }) => weighed(asVerdict[status], required !== false));
  const status = fromWorst.find((candidate) => statuses.includes(candidate)) ?? 'inconclusive';
  const asked = statuses.filter((one) => one !== 'skip').length;
  const passed = statuses.filter((one) => one === 'pass').length;
  const answer = asked === 0 ? 'not asked by this run' : `${words[status]}: ${passed} of ${asked} passed`;
  return { id, title: titles[id], status, answer, items: items.map(({ step, status: own, summary }) => ({ step, status: own, summary })) };
}

/** A check that only warns cannot turn an answer worse than a warning. */
function weighed(status: VerdictStatus, required: boolean): VerdictStatus {
  return !required && (status === 'fail' || status === 'inconclusive') ? 'warn' : status;
}
