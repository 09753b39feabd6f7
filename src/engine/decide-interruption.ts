// What comes from outside the plan: a person, a signal, a deadline, a dead predecessor, a criterion.
import type { Plan } from '../core/plan.js';
import type { Action, RollbackCode } from './action.js';
import { decideBeforeLive } from './decide-failure.js';
import { forwardPhases, isDone, lateMs, permanent, touchedChanges } from './judgement.js';
import { back, isolate } from './orders.js';
import type { RunState } from './run-state.js';

export interface Now {
  readonly nowMs: number;
  readonly bootMs: number;
  readonly bootId: string;
}

export function decideInterruption(plan: Plan, state: RunState, now: Now): Action | null {
  if (state.reopened) return back('a person asked for the rollback', 'requested');
  if (state.signal !== null) return stopSafely(plan, state, `signal ${state.signal}`, 'signal');
  if (state.kept !== null) return { do: 'finish', outcome: 'kept', exitCode: 9, why: `${state.kept}; a person told the run to keep it` };
  if (state.hold !== null) return decideHold(state, now);
  if (state.heldOut !== null) return decideHeldOut(plan, state, state.heldOut);
  const ended = permanent(plan, state);
  if (state.request?.request === 'rollback') return stopSafely(plan, state, state.request.reason, 'requested');
  if (state.request?.request === 'hold') return { do: 'hold', reason: state.request.reason };
  if (ended) return null;
  if (state.deadline !== null && lateMs(state.deadline, now) >= 0)
    return stopSafely(plan, state, 'the deadline of the run passed', 'deadline');
  if (state.by === 'guard') return stopSafely(plan, state, 'the process that executed the run died', 'runner-died');
  if (state.refusal !== null) return decideBeforeLive(plan, state, state.refusal, 'refused');
  if (state.criterion !== null && state.isolation === null) return decideCriterion(plan, state.criterion.then, state.criterion.why);
  return null;
}

function decideCriterion(plan: Plan, then: string, why: string): Action {
  if (then === 'hold') return { do: 'hold', reason: why };
  return then === 'isolate' ? isolate(plan, why, 'criterion') : back(why, 'criterion');
}

function decideHold(state: RunState, now: Now): Action {
  const hold = state.hold;
  if (hold === null) throw new Error('decideHold needs a hold');
  const answer = state.request?.request;
  if (answer === 'resume' || answer === 'rollback' || answer === 'keep') return { do: 'end-hold', how: answer };
  if (lateMs({ atMs: hold.untilMs, bootId: hold.bootId, bootMs: hold.untilBootMs }, now) >= 0) return { do: 'end-hold', how: 'deadline' };
  return { do: 'wait-on-hold', untilMs: hold.untilMs };
}

/** A hold that ended without leave to go on. What is committed stands: nobody answering is no reason to take it back. */
function decideHeldOut(plan: Plan, state: RunState, { reason, how }: NonNullable<RunState['heldOut']>): Action {
  if (how === 'rollback') return stopSafely(plan, state, `${reason}; a person chose to roll back`, 'requested');
  return stopSafely(plan, state, `${reason}; nobody answered before the hold's deadline`, 'hold-ended');
}

function stopSafely(plan: Plan, state: RunState, why: string, code: RollbackCode): Action {
  if (permanent(plan, state)) return stopCommitted(plan, state, why);
  if (touchedChanges(plan, state, null).length > 0) return back(why, code);
  if (code === 'signal')
    return { do: 'finish', outcome: 'interrupted', exitCode: signalExit(state.signal), why: `${why}; nothing was changed` };
  if (code === 'requested') return { do: 'finish', outcome: 'interrupted', exitCode: 130, why: `${why}; nothing was changed` };
  if (code === 'runner-died') return { do: 'finish', outcome: 'interrupted', exitCode: 143, why: `${why}; nothing was changed` };
  return { do: 'finish', outcome: 'interrupted', exitCode: 6, why: `${why}; nothing was changed` };
}

/** What is committed is not taken back by its own run: it ends where it stands, and says what it left undone. */
function stopCommitted(plan: Plan, state: RunState, why: string): Action {
  const open = forwardPhases(plan)
    .flatMap(({ steps }) => steps)
    .filter((step) => step.severity === 'required' && !isDone(state, step));
  const missing = open.filter((step) => step.type === 'check' || step.impact !== 'none').map(({ id }) => id);
  const rest = open.map(({ id }) => id).join(', ');
  const left = `${why}, after the commit; take it back with: routerctl rollback${rest === '' ? '' : `; left undone: ${rest}`}`;
  return missing.length === 0
    ? { do: 'finish', outcome: 'upgraded', exitCode: 0, why: `every required check passed; ${left}` }
    : { do: 'finish', outcome: 'kept', exitCode: 9, why: left };
}

function signalExit(signal: string | null): 129 | 130 | 143 {
  if (signal === 'SIGHUP') return 129;
  return signal === 'SIGINT' ? 130 : 143;
}
