// Builds the report of a run from its journal and its plan. Pure, and without a clock: the same journal gives the same report,
// also years later, and also when the run died half-way.
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import { blamesVersion } from '../core/rollback-code.js';
import type { EventOf, RunEvent, RunEventType } from '../core/run-event.js';
import { redactionRulesVersion } from '../core/secret-patterns.js';
import type { Availability } from './availability.js';
import { leftoversOf } from './leftovers.js';
import { questionsOf } from './questions.js';
import { releaseFactsOf } from './release-facts.js';
import { type ReportDocument, reportSchema, type TimelineEntry } from './report-document.js';
import { timelineOf } from './timeline.js';
import { unprovenOf } from './unproven.js';
import { type Ending, nextStep, verdictLine } from './verdict-line.js';

/** What is not in the journal itself. */
export interface ReportEvidence {
  /** sha256 of the journal's last line, and how many lines it has. */
  readonly journal: { readonly entries: number; readonly head: string };
  /** Overrides what the journal's probe summary says; for a dead run it is taken from the prober's file. */
  readonly availability?: Availability | null;
  readonly approval?: Json;
  readonly window?: { readonly from: string; readonly to: string } | null;
  readonly previousReport?: { readonly runId: string; readonly sha256: string } | null;
  readonly redactionCounts?: Readonly<Record<string, number>>;
  /** What stays on the machine, one line each, beyond what the changes said. */
  readonly leftovers?: readonly string[];
}

export function buildReport(events: readonly RunEvent[], plan: Plan, evidence: ReportEvidence): ReportDocument {
  const created = first(events, 'run-created');
  const finished = last(events, 'run-finished');
  const timeline = timelineOf(events, plan);
  const backups = backupsOf(timeline);
  const availability = evidence.availability ?? (last(events, 'probe-summary')?.data.summary as Availability | null | undefined) ?? null;
  const { from, to, artifacts, serving } = releaseFactsOf(events, plan);
  const outcome = finished?.data.outcome ?? 'unfinished';
  const runId = events[0]?.runId ?? 'unknown';
  const host = created?.data.host ?? null;
  const markedBad = finished?.data.exitCode === 4 && blamesVersion(last(events, 'rollback-ordered')?.data.code ?? '');
  const place = { target: plan.target.name, host: hostName(host), runId };
  const ending: Ending = { outcome, ...place, from, to, serving, changing: plan.changing, markedBad };
  const sealed = finished !== undefined;
  return {
    schema: reportSchema,
    tool: plan.tool,
    runId,
    changeRef: created?.data.changeRef ?? null,
    planHash: created?.data.planHash ?? '',
    playbook: plan.playbook,
    inputs: plan.inputs,
    target: { name: plan.target.name, environment: plan.target.environment, host, components: componentsOf(plan) },
    people: peopleOf(events, plan, evidence),
    window: evidence.window ?? plan.window,
    release: { from, to, artifacts },
    startedAt: events[0]?.ts ?? '',
    finishedAt: (finished ?? events.at(-1))?.ts ?? '',
    result: {
      outcome,
      exitCode: finished?.data.exitCode ?? null,
      why: finished?.data.why ?? 'the journal ends before the run did',
      verdictLine: verdictLine(ending),
      next: nextStep(ending),
    },
    counts: countsOf(timeline),
    questions: questionsOf(timeline, events),
    phases: phasesOf(events, plan),
    timeline,
    changes: plan.phases.flatMap((phase) =>
      phase.steps.flatMap((step) => (step.type === 'change' ? [{ step: step.id, diff: step.diff }] : [])),
    ),
    backups,
    availability,
    gates: gatesOf(events, plan),
    overrides: overridesOf(created?.data.overrides ?? null),
    rollback: rollbackOf(events),
    interruptions: interruptionsOf(events),
    unproven: unprovenOf({ events, plan, timeline, availability, backups, sealed }),
    leftovers: [...leftoversOf(events, plan), ...(evidence.leftovers ?? [])],
    journal: { ...evidence.journal, sealed },
    previousReport: evidence.previousReport ?? null,
    redaction: { rulesVersion: redactionRulesVersion, counts: evidence.redactionCounts ?? {} },
  };
}

function first<Type extends RunEventType>(events: readonly RunEvent[], type: Type): EventOf<Type> | undefined {
  return events.find((event): event is EventOf<Type> => event.type === type);
}

function last<Type extends RunEventType>(events: readonly RunEvent[], type: Type): EventOf<Type> | undefined {
  return events.findLast((event): event is EventOf<Type> => event.type === type);
}

export function hostName(host: Json): string | null {
  if (typeof host === 'string') return host;
  if (host === null || typeof host !== 'object' || Array.isArray(host)) return null;
  const record = host as Readonly<Record<string, Json>>;
  const name = record['hostname'] ?? record['hostName'] ?? record['name'] ?? record['host'];
  return typeof name === 'string' ? name : null;
}

function componentsOf(plan: Plan): ReportDocument['target']['components'] {
  return Object.entries(plan.target.components).map(([name, { url }]) => ({ name, url: url ?? null }));
}

function peopleOf(events: readonly RunEvent[], plan: Plan, evidence: ReportEvidence): ReportDocument['people'] {
  return {
    operator: first(events, 'run-created')?.data.operator ?? null,
    rollbackOwner: plan.target.policy.rollbackOwner ?? null,
    approval: evidence.approval ?? null,
    handOvers: events.flatMap((event) => (event.type === 'handed-over' ? [{ at: event.ts, ...event.data }] : [])),
    requests: events.flatMap((event) =>
      event.type === 'request-received'
        ? [{ at: event.ts, by: event.data.by, request: event.data.request, reason: event.data.reason }]
        : [],
    ),
    notes: events.flatMap((event) => (event.type === 'note' ? [{ at: event.ts, by: event.data.by, text: event.data.text }] : [])),
  };
}

const counted = {
  pass: 'passed',
  warn: 'warned',
  fail: 'failed',
  inconclusive: 'inconclusive',
  skip: 'skipped',
  waived: 'waived',
} as const;

/** Each check once, by its last verdict on the way forward. */
function countsOf(timeline: readonly TimelineEntry[]): ReportDocument['counts'] {
  const latest = new Map(
    timeline.filter(({ what, way }) => what === 'check' && way === 'forward').map((entry) => [entry.step, entry.status]),
  );
  const counts = { passed: 0, warned: 0, failed: 0, inconclusive: 0, skipped: 0, waived: 0 };
  for (const status of latest.values()) counts[status in counted ? counted[status as keyof typeof counted] : 'inconclusive'] += 1;
  return counts;
}

function phasesOf(events: readonly RunEvent[], plan: Plan): ReportDocument['phases'] {
  const named = (type: 'phase-started' | 'phase-committed'): ReadonlySet<string> =>
    new Set(events.flatMap((event) => (event.type === type ? [event.data.phase] : [])));
  const [entered, committed] = [named('phase-started'), named('phase-committed')];
  return plan.phases.map(({ name }) => ({ name, entered: entered.has(name), committed: committed.has(name) }));
}

function backupsOf(timeline: readonly TimelineEntry[]): ReportDocument['backups'] {
  return timeline
    .filter(({ kind, what }) => kind === 'backup' && what === 'change')
    .map(({ step, status, summary, evidence }) => ({ step, proven: status === 'done', summary, evidence }));
}

function gatesOf(events: readonly RunEvent[], plan: Plan): ReportDocument['gates'] {
  const met = new Set(events.flatMap((event) => (event.type === 'criterion-met' ? [event.data.criterion] : [])));
  return plan.criteria.map(({ id, when, then, why }) => ({ criterion: id, when, then, why, met: met.has(id) }));
}

function overridesOf(value: Json): ReportDocument['overrides'] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).map((item) => {
    const record = (typeof item === 'object' && item !== null ? item : {}) as Readonly<Record<string, Json>>;
    const text = (name: string): string => (typeof record[name] === 'string' ? record[name] : '');
    return { rule: text('rule'), reason: text('reason'), by: text('by') };
  });
}

function rollbackOf(events: readonly RunEvent[]): ReportDocument['rollback'] {
  const ordered = first(events, 'rollback-ordered');
  if (ordered === undefined) return null;
  const validated = last(events, 'rollback-validated');
  const tookMs = validated === undefined ? null : Date.parse(validated.ts) - Date.parse(ordered.ts);
  return {
    why: ordered.data.why,
    code: ordered.data.code,
    orderedAt: ordered.ts,
    tookMs,
    verified: validated?.data.verified ?? null,
    failed: validated?.data.failed ?? [],
  };
}

function interruptionsOf(events: readonly RunEvent[]): ReportDocument['interruptions'] {
  return events.flatMap((event) => {
    if (event.type === 'signal-received') return [{ at: event.ts, what: `signal ${event.data.signal}` }];
    if (event.type === 'hold-started') return [{ at: event.ts, what: `held: ${event.data.reason}` }];
    if (event.type === 'hold-ended') return [{ at: event.ts, what: `hold ended: ${event.data.how}` }];
    if (event.type === 'lease-taken' && event.data.epoch > 1 && event.data.by !== 'runner')
      return [{ at: event.ts, what: `taken over by ${event.data.by}: ${event.data.reason}` }];
    return [];
  });
}
