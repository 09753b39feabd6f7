// The way back: data and edits in reverse order, each touched activation once, then the baseline asked again. One attempt, no loop.
import type { Plan, PlannedChange, PlannedCheck, PlannedStep } from '../core/plan.js';
import type { Action } from './action.js';
import { isLiveTouched, isRed, touchedChanges } from './judgement.js';
import { type RunState, stepsOf } from './run-state.js';

export function decideBack(plan: Plan, state: RunState): Action {
  const rollback = state.rollback;
  if (rollback === null) throw new Error('decideBack needs an ordered rollback');
  const touched = touchedChanges(plan, state, rollback.phase);
  if (needsGuard(state, touched)) return { do: 'arm-guard' };
  const doubt = touched.find((step) => inDoubt(state, step));
  if (doubt !== undefined) return { do: 'inspect', step: doubt };
  const next = revertOrder(touched).find((step) => needsRevert(state, step));
  if (next !== undefined) return { do: 'revert', step: next };
  if (rollback.validated !== null) return decideResult(plan, state, touched);
  if (touched.every((step) => step.impact === 'none') && !isLiveTouched(plan, state))
    return { do: 'conclude-rollback', verified: true, failed: failedReverts(state, touched) };
  const unasked = provingChecks(plan, state).filter((step) => !state.restored.has(step.id));
  if (unasked.length > 0) return { do: 'ask', phase: 'rollback', way: 'back', steps: unasked, retryUnmeasured: true };
  return conclude(plan, state, touched);
}

/** The way back of whoever took the run up is watched like the way forward; the guard itself is the last one to come. */
function needsGuard(state: RunState, touched: readonly PlannedChange[]): boolean {
  if (state.guarded || state.by === 'guard' || state.rollback?.validated != null) return false;
  return touched.some((step) => step.impact !== 'none');
}

/** Edits and data backwards, staged things after them, then activations forwards: each starts from what is restored. */
export function revertOrder(touched: readonly PlannedChange[]): readonly PlannedChange[] {
  const backwards = touched.toReversed();
  return [
    ...backwards.filter((step) => step.role === 'data' || step.role === 'edit'),
    ...backwards.filter((step) => step.role === 'stage'),
    ...touched.filter((step) => step.role === 'activate'),
  ];
}

function inDoubt(state: RunState, step: PlannedChange): boolean {
  const change = state.changes.get(step.id);
  return change !== undefined && change.finished === null && change.inspected === null && change.reverts === 0;
}

function needsRevert(state: RunState, step: PlannedChange): boolean {
  const change = state.changes.get(step.id);
  if (change === undefined || change.reverted !== null || step.reversal === 'none') return false;
  return change.finished !== null || change.inspected !== 'absent' || change.reverts > 0;
}

/**
 * Checks that prove the old state: those that were asked before the change, or once a phase is committed those that proved it, since
 * that is what the way back goes to. Each is compared with what it said itself; one that was red then proves nothing now.
 */
function provingChecks(plan: Plan, state: RunState): readonly PlannedCheck[] {
  const asked = (steps: readonly PlannedStep[], baseline: boolean): readonly PlannedCheck[] =>
    steps.filter((step): step is PlannedCheck => {
      if (step.type !== 'check' || step.baseline !== baseline) return false;
      const verdict = state.checks.get(step.id)?.verdict;
      return verdict !== undefined && !isRed(verdict);
    });
  const committed = plan.phases.filter(({ name }) => state.committed.has(name)).map(({ steps }) => asked(steps, false));
  return committed.findLast((checks) => checks.length > 0) ?? asked(stepsOf(plan), true);
}

function failedReverts(state: RunState, touched: readonly PlannedChange[]): readonly string[] {
  return touched
    .filter((step) => ['failed', 'conflict'].includes(state.changes.get(step.id)?.reverted?.status ?? ''))
    .map((step) => step.id);
}

function conclude(plan: Plan, state: RunState, touched: readonly PlannedChange[]): Action {
  const red = provingChecks(plan, state).filter((step) => step.severity === 'required' && isRed(state.restored.get(step.id)?.verdict));
  const passed = provingChecks(plan, state).some((step) => state.restored.get(step.id)?.verdict.status === 'pass');
  const failed = [...failedReverts(state, touched), ...red.map((step) => step.id)];
  return { do: 'conclude-rollback', verified: failed.length === 0 && passed, failed };
}

function decideResult(plan: Plan, state: RunState, touched: readonly PlannedChange[]): Action {
  const rollback = state.rollback;
  if (rollback?.validated == null) throw new Error('decideResult needs a validated rollback');
  const { why, code, validated } = rollback;
  if (!validated.verified || validated.failed.length > 0) {
    const what = validated.failed.length > 0 ? validated.failed.join(', ') : 'no baseline check passed';
    return { do: 'finish', outcome: 'rollback-failed', exitCode: 5, why: `${why}; the way back is not proven: ${what}` };
  }
  if (state.reopened) return { do: 'finish', outcome: 'rolled-back', exitCode: 0, why };
  if (isLiveTouched(plan, state)) return { do: 'finish', outcome: 'rolled-back', exitCode: 4, why };
  const staged = touched.length > 0 ? '; what was prepared was taken back before anyone could notice' : '';
  switch (code) {
    case 'refused':
    case 'deadline':
    case 'hold-ended':
      return { do: 'finish', outcome: 'failed', exitCode: 6, why: `${why}${staged}` };
    case 'unproven':
      return { do: 'finish', outcome: 'unmeasured', exitCode: 7, why: `${why}${staged}` };
    case 'signal':
      return {
        do: 'finish',
        outcome: 'interrupted',
        exitCode: state.signal === 'SIGHUP' ? 129 : state.signal === 'SIGINT' ? 130 : 143,
        why: `${why}${staged}`,
      };
    case 'requested':
      return { do: 'finish', outcome: 'interrupted', exitCode: 130, why: `${why}${staged}` };
    case 'runner-died':
      return { do: 'finish', outcome: 'interrupted', exitCode: 143, why: `${why}${staged}` };
    default:
      return { do: 'finish', outcome: 'failed', exitCode: 3, why: `${why}${staged}` };
  }
}
