// The checks of a run that only asked, in the order of its plan, as the rows that the smoke screen tells.
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent } from '../core/run-event.js';
import { skip } from '../core/verdict.js';
import type { SmokeRow } from './smoke-screen.js';

export function smokeRows(plan: Plan, events: readonly RunEvent[]): readonly SmokeRow[] {
  const steps = plan.phases.flatMap((phase) => [...phase.steps, ...phase.controls]);
  const shortNames = steps.map(({ id }) => shortName(id));
  return steps.flatMap(({ id, kind, severity }) => {
    const told = events.findLast((event) => (event.type === 'check-finished' || event.type === 'step-left-out') && event.data.step === id);
    const short = shortName(id);
    const name = shortNames.filter((other) => other === short).length === 1 ? short : id;
    if (told?.type === 'check-finished') return [{ name, kind, severity, verdict: told.data.verdict }];
    return told?.type === 'step-left-out' ? [{ name, kind, severity, verdict: skip(told.data.why) }] : [];
  });
}

/** `readiness/chat_plain` is told as `chat-plain`. */
const shortName = (id: string): string => id.slice(id.lastIndexOf('/') + 1).replaceAll('_', '-');

/** What the usage rows of this run's own requests say that they cost; null when no row was seen. */
export function spentUsd(events: readonly RunEvent[]): number | null {
  const costs = events.flatMap((event) =>
    event.type === 'check-finished' ? listOf(member(event.data.observation, 'requests')).map((request) => member(request, 'cost')) : [],
  );
  const known = costs.filter((cost): cost is number => typeof cost === 'number');
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const listOf = (value: Json): readonly Json[] => (isList(value) ? value : []);

function member(value: Json, name: string): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  return (value as Readonly<Record<string, Json>>)[name] ?? null;
}
