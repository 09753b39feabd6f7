// The next step of a phase: what is in doubt first, then checks in groups, then one change with everything that must be true before it.
import type { Plan, PlannedChange, PlannedCheck, PlannedPhase, PlannedStep } from '../core/plan.js';
import type { Action } from './action.js';
import { isLiveTouched, isRed, permanent, touchedChanges } from './judgement.js';
import { back } from './orders.js';
import type { RunState } from './run-state.js';

/** A change that was announced and never finished is looked at before anything else happens. */
export function decideDoubt(plan: Plan, state: RunState): Action | null {
  for (const phase of plan.phases) {
    for (const step of phase.steps) {
      if (step.type !== 'change') continue;
      const change = state.changes.get(step.id);
      if (change === undefined || change.intents === 0 || change.finished !== null) continue;
      if (change.inspected === null) return { do: 'inspect', step };
      if (change.inspected === 'present') return { do: 'settle', phase: phase.name, step };
      if (change.inspected === 'unknown') return back(`what ${step.id} left behind cannot be told`, 'failed');
      return { do: 'change', phase: phase.name, step };
    }
  }
  return null;
}

export function decideChecks(plan: Plan, state: RunState, phase: PlannedPhase, pending: readonly PlannedStep[]): Action {
  const group: PlannedCheck[] = [];
  for (const step of pending) {
    if (step.type !== 'check') break;
    const blocked = blockedBy(state, step);
    const isAnswered = step.needs.some((need) => isRed(state.checks.get(need)?.verdict));
    if (blocked !== null && !isAnswered && group.length === 0) return { do: 'leave-out', step: step.id, phase: phase.name, why: blocked };
    if (blocked !== null && !isAnswered) break;
    group.push(step);
  }
  return { do: 'ask', phase: phase.name, way: 'forward', steps: group, retryUnmeasured: isLiveTouched(plan, state) };
}

/** The need that ended without a pass, in words; needs that are still open are the group's own business. */
function blockedBy(state: RunState, step: PlannedStep): string | null {
  for (const need of step.needs) {
    const verdict = state.checks.get(need)?.verdict.status;
    if (verdict !== undefined && verdict !== 'pass' && verdict !== 'warn') return `needs ${need}, which ended as ${verdict}`;
    if (state.leftOut.has(need)) return `needs ${need}, which was left out`;
    const change = state.changes.get(need)?.finished?.status;
    if (change === 'failed' || change === 'conflict') return `needs ${need}, which failed`;
  }
  return null;
}

export function decideChange(plan: Plan, state: RunState, phase: PlannedPhase, step: PlannedChange | PlannedCheck): Action {
  if (step.type === 'check') throw new Error('decideChange needs a change');
  const blocked = blockedBy(state, step);
  if (blocked !== null) return { do: 'leave-out', step: step.id, phase: phase.name, why: blocked };
  if (!state.proven && !permanent(plan, state)) return { do: 'prove' };
  if (step.impact !== 'none' && !state.guarded && !permanent(plan, state)) return { do: 'arm-guard' };
  if (step.impact === 'live' && !isLiveTouched(plan, state)) {
    const unchecked = touchedChanges(plan, state, null).filter((touched) => !state.undoChecked.has(touched.id));
    if (unchecked.length > 0) return { do: 'check-undo', steps: unchecked };
    const lost = touchedChanges(plan, state, null).find((touched) => isRed(state.undoChecked.get(touched.id)));
    if (lost !== undefined) return back(`${lost.id} could not be taken back: ${state.undoChecked.get(lost.id)?.summary ?? ''}`, 'refused');
  }
  return { do: 'change', phase: phase.name, step };
}
