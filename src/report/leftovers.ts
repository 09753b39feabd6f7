// What a run leaves on the machine on purpose, one line each, so that nobody finds it months later and wonders.
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent } from '../core/run-event.js';

export function leftoversOf(events: readonly RunEvent[], plan: Plan): readonly string[] {
  const steps = new Map(plan.phases.flatMap((phase) => phase.steps.map((step) => [step.id, step] as const)));
  const keepMs = plan.target.backup?.keep;
  return events.flatMap((event) => {
    if (event.type !== 'change-finished' || event.data.status !== 'done' || steps.get(event.data.step)?.kind !== 'backup') return [];
    const until = keepMs === undefined ? '' : `, kept until ${new Date(Date.parse(event.ts) + keepMs).toISOString().slice(0, 10)}`;
    return [`backup ${named(event.data.effects, 'id')}${until}`];
  });
}

function named(effects: Json, name: string): string {
  const record =
    effects !== null && typeof effects === 'object' && !Array.isArray(effects) ? (effects as Readonly<Record<string, Json>>) : {};
  return String(record[name] ?? '');
}
