// Forwards: phase after phase, each to its commit, and the isolation that may come instead of the rest.
import type { Plan, PlannedPhase, PlannedStep } from '../core/plan.js';
import type { Action } from './action.js';
import { decideFailure } from './decide-failure.js';
import { decideChange, decideChecks, decideDoubt } from './decide-step.js';
import { changeFailed, forwardPhases, isDone, isolationOf, redChecks, said, touchedChanges } from './judgement.js';
import { back } from './orders.js';
import { type RunState, stepsOf } from './run-state.js';

export function decideForward(plan: Plan, state: RunState): Action {
  const doubt = decideDoubt(plan, state);
  if (doubt !== null) return doubt;
  for (const phase of forwardPhases(plan)) {
    if (state.committed.has(phase.name)) continue;
    const action = decidePhase(plan, state, phase);
    if (action !== null) return action;
  }
  return decideEnd(plan, state);
}

/** The plan's isolation, one step after the other; what was proven to be isolated is kept, anything else goes back. */
export function decideIsolation(plan: Plan, state: RunState): Action {
  const phase = isolationOf(plan);
  const why = state.isolation ?? '';
  if (phase === undefined) return back(why, 'failed');
  const doubt = decideDoubt(plan, state);
  if (doubt !== null) return doubt;
  if (state.phase !== phase.name) return { do: 'start-phase', phase: phase.name };
  const failed = phase.steps.find((step) => changeFailed(state, step)) ?? redChecks(phase.steps, state)[0];
  if (failed !== undefined) return back(`${why}; the isolation failed: ${failed.id}: ${said(state, failed)}`, 'failed');
  const pending = phase.steps.filter((step) => !isDone(state, step));
  const next = pending[0];
  if (next?.type === 'check') return decideChecks(plan, state, phase, pending);
  if (next !== undefined) return decideChange(plan, state, phase, next);
  const passed = phase.steps.filter((step) => state.checks.get(step.id)?.verdict.status === 'pass');
  if (passed.length === 0) return back(`${why}; no check of the isolation passed: nothing was proven`, 'unproven');
  return { do: 'finish', outcome: 'kept', exitCode: 9, why: `${why}; isolated by ${phase.name}, ${passed.length} of its checks passed` };
}

function decidePhase(plan: Plan, state: RunState, phase: PlannedPhase): Action | null {
  const pending = phase.steps.filter((step) => !isDone(state, step));
  if (pending.length > 0 && !started(plan, state, phase)) return { do: 'start-phase', phase: phase.name };
  const failedChange = phase.steps.find((step) => changeFailed(state, step));
  const red = redChecks(phase.steps, state);
  const next = pending[0];
  if (failedChange !== undefined) return decideFailure(plan, state, phase, failedChange, pending);
  if (next?.type === 'check') return decideChecks(plan, state, phase, pending);
  if (red.length > 0) return decideFailure(plan, state, phase, red[0], pending);
  if (next !== undefined) return decideChange(plan, state, phase, next);
  if (!phase.commit) return null;
  return isProven(plan, state, phase)
    ? { do: 'commit', phase: phase.name }
    : back(`no check passed after the change that phase ${phase.name} would commit: nothing was proven`, 'unproven');
}

/** A commit needs a pass of its own phase's checks, or where it has none a pass after the last thing that a user could notice. */
function isProven(plan: Plan, state: RunState, phase: PlannedPhase): boolean {
  return phase.steps.some((step) => step.type === 'check') ? hasPass(phase.steps, state) : isProvenAfterChange(plan, state);
}

function isProvenAfterChange(plan: Plan, state: RunState): boolean {
  const touched = touchedChanges(plan, state, null);
  const steps = stepsOf(plan);
  const live = touched.findLast((step) => step.impact === 'live');
  if (live !== undefined) return hasPass(steps.slice(steps.indexOf(live) + 1), state);
  return touched.every((step) => step.impact === 'none') || hasPass(steps, state);
}

const hasPass = (steps: readonly PlannedStep[], state: RunState): boolean =>
  steps.some((step) => state.checks.get(step.id)?.verdict.status === 'pass');

function started(plan: Plan, state: RunState, phase: PlannedPhase): boolean {
  const order = plan.phases.map((candidate) => candidate.name);
  return state.phase !== null && order.indexOf(state.phase) >= order.indexOf(phase.name);
}

function decideEnd(plan: Plan, state: RunState): Action {
  const open = forwardPhases(plan).findLast((phase) => phase.steps.some((step) => (state.changes.get(step.id)?.intents ?? 0) > 0));
  const revertible = touchedChanges(plan, state, null).some((step) => step.reversal !== 'none');
  if (plan.changing && open !== undefined && revertible) {
    return isProvenAfterChange(plan, state)
      ? { do: 'commit', phase: open.name }
      : back(`no check passed after the change of phase ${open.name}: nothing was proven`, 'unproven');
  }
  const asked = [...state.checks.values()];
  if (!plan.changing && !asked.some((check) => check.verdict.status === 'pass' || check.verdict.status === 'warn')) {
    return { do: 'finish', outcome: 'unmeasured', exitCode: 7, why: 'not one check passed: nothing was proven' };
  }
  return plan.phases.some((phase) => phase.steps.some((step) => step.type === 'change' && step.impact !== 'none'))
    ? { do: 'finish', outcome: 'upgraded', exitCode: 0, why: 'every required check passed' }
    : { do: 'finish', outcome: 'passed', exitCode: 0, why: 'every required check passed' };
}
