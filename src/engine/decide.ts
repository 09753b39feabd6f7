// The heart of the engine: from the plan and the state folded from the journal to the one thing to do next. Pure, no clock, no I/O.
import type { Plan } from '../core/plan.js';
import type { Action } from './action.js';
import { decideBack } from './decide-back.js';
import { decideForward, decideIsolation } from './decide-forward.js';
import { decideInterruption, type Now } from './decide-interruption.js';
import type { RunState } from './run-state.js';

export function decide(plan: Plan, state: RunState, now: Now): Action {
  if (state.finished !== null) return { do: 'finish', ...state.finished };
  if (state.rollback !== null) return decideBack(plan, state);
  return decideInterruption(plan, state, now) ?? (state.isolation === null ? decideForward(plan, state) : decideIsolation(plan, state));
}
