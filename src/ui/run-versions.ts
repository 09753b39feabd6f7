// From which version to which: what the run measured, never what a file name promises when a measurement is there.
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent } from '../core/run-event.js';

export interface Versions {
  readonly from: string | null;
  readonly to: string | null;
}

export function versionsOf(
  plan: Plan,
  events: readonly RunEvent[],
  told: { readonly from?: string | null; readonly to?: string | null },
): Versions {
  return {
    from: told.from ?? observedBy(plan, events, 'version'),
    to: told.to ?? observedBy(plan, events, 'package') ?? fromInput(plan.inputs['to']),
  };
}

/** The first forward answer of a check of that kind: for `version` it was taken before the change. */
function observedBy(plan: Plan, events: readonly RunEvent[], kind: string): string | null {
  const ids = new Set(
    plan.phases
      .flatMap(({ steps }) => steps)
      .filter((step) => step.type === 'check' && step.kind === kind)
      .map(({ id }) => id),
  );
  for (const event of events) {
    if (event.type === 'change-intent' && kind === 'version') return null;
    if (event.type !== 'check-finished' || event.data.way !== 'forward' || !ids.has(event.data.step)) continue;
    const version = member(event.data.observation, 'version');
    if (version !== null) return version;
  }
  return null;
}

function fromInput(to: Json | undefined): string | null {
  if (to === undefined) return null;
  if (typeof to !== 'string') return member(to, 'version');
  const file = to.split('/').at(-1) ?? to;
  return /\d+\.\d+\.\d+(?:-(?!linux\b)[0-9A-Za-z.]+)?/.exec(file)?.[0] ?? null;
}

function member(value: Json, name: string): string | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const found = (value as Readonly<Record<string, Json>>)[name];
  return typeof found === 'string' ? found : null;
}
