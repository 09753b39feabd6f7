// A required verdict that is not a pass, or a change that failed: what follows from it, before and after the first live moment.
import type { Plan, PlannedCheck, PlannedPhase, PlannedStep } from '../core/plan.js';
import type { Action, RollbackCode } from './action.js';
import { decideChange } from './decide-step.js';
import { isLiveTouched, isRed, permanent, redChecks, said, touchedChanges } from './judgement.js';
import { back, isolate } from './orders.js';
import type { RunState } from './run-state.js';

/** `always` steps of the phase still run first, and its controls are asked. */
export function decideFailure(
  plan: Plan,
  state: RunState,
  phase: PlannedPhase,
  culprit: PlannedStep | undefined,
  pending: readonly PlannedStep[],
): Action {
  const still = pending.find((step) => step.always);
  if (still !== undefined) {
    return still.type === 'check'
      ? { do: 'ask', phase: phase.name, way: 'forward', steps: [still], retryUnmeasured: false }
      : decideChange(plan, state, phase, still);
  }
  const why = culprit === undefined ? `phase ${phase.name} failed` : `${culprit.id}: ${said(state, culprit)}`;
  const unmeasured = culprit !== undefined && state.checks.get(culprit.id)?.verdict.status === 'inconclusive';
  const failures = redChecks(phase.steps, state).some((step) => state.checks.get(step.id)?.verdict.status === 'fail');
  const code: RollbackCode = refused(state, culprit) ? 'refused' : unmeasured && !failures ? 'unproven' : 'failed';
  if (permanent(plan, state)) return { do: 'finish', outcome: 'kept', exitCode: 9, why };
  const unasked = phase.controls.filter((control) => !state.checks.has(control.id) && !state.leftOut.has(control.id));
  if (unasked.length > 0) return { do: 'ask', phase: phase.name, way: 'forward', steps: unasked, retryUnmeasured: false };
  const control = phase.controls.find((candidate) => isRed(state.checks.get(candidate.id)?.verdict));
  const seen = control === undefined ? why : `${why}; but ${controlWords(state, control)}`;
  if (!isLiveTouched(plan, state)) return decideBeforeLive(plan, state, seen, code);
  return control === undefined ? decideAfterLive(plan, phase, why, code) : { do: 'hold', reason: seen };
}

function controlWords(state: RunState, control: PlannedCheck): string {
  const own = state.checks.get(control.id)?.verdict.summary ?? '';
  return `the control ${control.id} fails too (${own}): the provider may be the cause`;
}

function refused(state: RunState, culprit: PlannedStep | undefined): boolean {
  return culprit?.type === 'change' && isRed(state.undoChecked.get(culprit.id));
}

export function decideBeforeLive(plan: Plan, state: RunState, why: string, code: RollbackCode): Action {
  if (touchedChanges(plan, state, null).length > 0) return back(why, code);
  if (code === 'refused') return { do: 'finish', outcome: 'failed', exitCode: 6, why };
  return code === 'unproven'
    ? { do: 'finish', outcome: 'unmeasured', exitCode: 7, why }
    : { do: 'finish', outcome: 'failed', exitCode: 3, why };
}

function decideAfterLive(plan: Plan, phase: PlannedPhase, why: string, code: RollbackCode): Action {
  switch (phase.onFailure) {
    case 'hold':
      return { do: 'hold', reason: why };
    case 'stop':
      return { do: 'finish', outcome: 'kept', exitCode: 9, why };
    case 'rollback-phase':
      return back(why, code, phase.name);
    case 'isolate':
      return isolate(plan, why, code);
    case 'rollback':
      return back(why, code);
    default:
      return phase.onFailure satisfies never;
  }
}
