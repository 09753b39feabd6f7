// Small pure questions about a run that both directions ask: what is red, what was touched, what is live.
import type { Plan, PlannedChange, PlannedPhase, PlannedStep } from '../core/plan.js';
import type { Verdict } from '../core/verdict.js';
import type { RunState } from './run-state.js';
import { phaseOf, stepsOf } from './run-state.js';

/** `fail` and `inconclusive` are red; `skip` says why it is not a pass and is judged where a phase commits. */
export function isRed(verdict: Verdict | undefined): boolean {
  return verdict?.status === 'fail' || verdict?.status === 'inconclusive';
}

export function redChecks(steps: readonly PlannedStep[], state: RunState): readonly PlannedStep[] {
  return steps.filter((step) => step.severity === 'required' && isRed(state.checks.get(step.id)?.verdict));
}

/** Changes that were announced and are not committed, in plan order; within one phase when given. */
export function touchedChanges(plan: Plan, state: RunState, phase: string | null): readonly PlannedChange[] {
  return stepsOf(plan).filter((step): step is PlannedChange => {
    const change = state.changes.get(step.id);
    if (step.type !== 'change' || change === undefined || change.intents === 0 || change.committedBy !== null) return false;
    return phase === null || phaseOf(plan, step.id) === phase;
  });
}

/**
 * Milliseconds since the deadline, negative before it. Within one boot the boot clock decides, which nobody can set; after a
 * reboot only the wall clock is left.
 */
export function lateMs(
  deadline: { readonly atMs: number; readonly bootId: string; readonly bootMs: number },
  now: { readonly nowMs: number; readonly bootMs: number; readonly bootId: string },
): number {
  return now.bootId === deadline.bootId ? now.bootMs - deadline.bootMs : now.nowMs - deadline.atMs;
}

/** A user may have noticed something. */
export function isLiveTouched(plan: Plan, state: RunState): boolean {
  return stepsOf(plan).some((step) => step.type === 'change' && step.impact === 'live' && (state.changes.get(step.id)?.intents ?? 0) > 0);
}

/** Nothing left that a rollback could take back automatically: everything touched is committed, only cleanup remains. */
export function permanent(plan: Plan, state: RunState): boolean {
  return state.committed.size > 0 && touchedChanges(plan, state, null).every((step) => step.impact === 'none' || step.reversal === 'none');
}

export function isDone(state: RunState, step: PlannedStep): boolean {
  if (state.leftOut.has(step.id)) return true;
  return step.type === 'check' ? state.checks.has(step.id) : state.changes.get(step.id)?.finished != null;
}

export function changeFailed(state: RunState, step: PlannedStep): boolean {
  const status = state.changes.get(step.id)?.finished?.status;
  return step.severity === 'required' && (status === 'failed' || status === 'conflict');
}

export function said(state: RunState, step: PlannedStep): string {
  return state.checks.get(step.id)?.verdict.summary ?? state.changes.get(step.id)?.finished?.summary ?? 'failed';
}

/** Everything but the isolation, which runs only when it is ordered. */
export const forwardPhases = (plan: Plan): readonly PlannedPhase[] => plan.phases.filter(({ isolation }) => !isolation);

export const isolationOf = (plan: Plan): PlannedPhase | undefined => plan.phases.find(({ isolation }) => isolation);
