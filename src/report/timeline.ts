// Pairs the events of the journal into one entry per attempt of a step. A step without an end stays on record as unfinished.
import type { Plan, PlannedStep } from '../core/plan.js';
import type { RunEvent } from '../core/run-event.js';
import type { TimelineEntry } from './report-document.js';

export interface StepOfPlan {
  readonly step: PlannedStep;
  readonly phase: string;
}

export function stepsOf(plan: Plan): ReadonlyMap<string, StepOfPlan> {
  return new Map(
    plan.phases.flatMap((phase) => [...phase.steps, ...phase.controls].map((step) => [step.id, { step, phase: phase.name }] as const)),
  );
}

export function timelineOf(events: readonly RunEvent[], plan: Plan): readonly TimelineEntry[] {
  const steps = stepsOf(plan);
  const entries: TimelineEntry[] = [];
  const open = new Map<string, number>();
  const begin = (key: string, entry: TimelineEntry): void => {
    open.set(key, entries.length);
    entries.push(entry);
  };
  const end = (key: string, fresh: TimelineEntry, rest: Partial<TimelineEntry>): void => {
    const at = open.get(key);
    if (at === undefined) entries.push({ ...fresh, ...rest });
    else entries[at] = { ...(entries[at] ?? fresh), ...rest };
    open.delete(key);
  };
  for (const event of events) {
    if (event.type === 'check-started') begin(`check ${event.data.way} ${event.data.step}`, started(event, steps, 'check', event.data.way));
    else if (event.type === 'change-intent')
      begin(`change ${event.data.step}`, { ...started(event, steps, 'change', 'forward'), attempts: event.data.attempt });
    else if (event.type === 'revert-intent')
      begin(`revert ${event.data.step}`, { ...started(event, steps, 'revert', 'back'), attempts: event.data.attempt });
    else if (event.type === 'check-finished') {
      const { step, way, verdict, tookMs, attempts } = event.data;
      const rest = {
        endedAt: event.ts,
        tookMs,
        attempts,
        status: verdict.status,
        summary: verdict.summary,
        details: detailsOf(verdict),
        hint: verdict.hint ?? null,
        evidence: verdict.evidence ?? null,
      };
      end(`check ${way} ${step}`, started(event, steps, 'check', way), rest);
    } else if (event.type === 'change-finished' || event.type === 'revert-finished') {
      const [what, way] = event.type === 'change-finished' ? (['change', 'forward'] as const) : (['revert', 'back'] as const);
      const { step, status, summary, hint, evidence, tookMs } = event.data;
      end(`${what} ${step}`, started(event, steps, what, way), { endedAt: event.ts, tookMs, status, summary, hint, evidence });
    }
  }
  return entries;
}

type VerdictOf = Extract<RunEvent, { type: 'check-finished' }>['data']['verdict'];

function detailsOf(verdict: VerdictOf): readonly string[] {
  const details = verdict.details ?? [];
  return verdict.status === 'waived' ? [`waived by ${verdict.owner} until ${verdict.expires}: ${verdict.was}`, ...details] : details;
}

function started(
  event: Extract<RunEvent, { data: { step: string } }>,
  steps: ReadonlyMap<string, StepOfPlan>,
  what: TimelineEntry['what'],
  way: TimelineEntry['way'],
): TimelineEntry {
  const known = steps.get(event.data.step);
  return {
    step: event.data.step,
    phase: known?.phase ?? ('phase' in event.data ? event.data.phase : null),
    kind: known?.step.kind ?? 'unknown',
    title: known?.step.title ?? event.data.step,
    on: known?.step.on ?? null,
    what,
    way,
    required: known?.step.severity !== 'warn',
    startedAt: event.ts,
    endedAt: null,
    tookMs: null,
    attempts: 1,
    status: 'unfinished',
    summary: 'did not end',
    details: [],
    hint: null,
    evidence: null,
  };
}
