// The heart of the engine: from the plan and the state folded from the journal to the one thing to do next. Pure, no clock, no I/O.
import type { Plan, PlannedChange, PlannedCheck, PlannedPhase, PlannedStep } from '../core/plan.js';
import type { Action, RollbackCode } from './action.js';
import { decideBack } from './decide-back.js';
import { isLiveTouched, isRed, lateMs, redChecks, touchedChanges } from './judgement.js';
import { type RunState, stepsOf } from './run-state.js';

export interface Now {
  readonly nowMs: number;
  readonly bootMs: number;
  readonly bootId: string;
}

export function decide(plan: Plan, state: RunState, now: Now): Action {
  if (state.finished !== null) return { do: 'finish', ...state.finished };
  if (state.rollback !== null) return decideBack(plan, state);
  return decideInterruption(plan, state, now) ?? (state.isolation === null ? decideForward(plan, state) : decideIsolation(plan, state));
}

/** What comes from outside the plan: a person, a signal, the deadline, a dead predecessor. */
function decideInterruption(plan: Plan, state: RunState, now: Now): Action | null {
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

const isolationOf = (plan: Plan): PlannedPhase | undefined => plan.phases.find(({ isolation }) => isolation);

/** A plan without an isolation that fits the target can only go back. */
function isolate(plan: Plan, why: string, code: RollbackCode): Action {
  return isolationOf(plan) === undefined ? back(why, code) : { do: 'order-isolation', why };
}

/** The plan's isolation, one step after the other; what was proven to be isolated is kept, anything else goes back. */
function decideIsolation(plan: Plan, state: RunState): Action {
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

/** Nothing left that a rollback could take back automatically: everything touched is committed, only cleanup remains. */
function permanent(plan: Plan, state: RunState): boolean {
  return state.committed.size > 0 && touchedChanges(plan, state, null).every((step) => step.impact === 'none' || step.reversal === 'none');
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
  const open = forward(plan)
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

function back(why: string, code: RollbackCode, phase: string | null = null): Action {
  return { do: 'order-rollback', why, code, phase };
}

const forward = (plan: Plan): readonly PlannedPhase[] => plan.phases.filter(({ isolation }) => !isolation);

function decideForward(plan: Plan, state: RunState): Action {
  const doubt = decideDoubt(plan, state);
  if (doubt !== null) return doubt;
  for (const phase of forward(plan)) {
    if (state.committed.has(phase.name)) continue;
    const action = decidePhase(plan, state, phase);
    if (action !== null) return action;
  }
  return decideEnd(plan, state);
}

/** A change that was announced and never finished is looked at before anything else happens. */
function decideDoubt(plan: Plan, state: RunState): Action | null {
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
  const passed = (steps: readonly PlannedStep[]): boolean => steps.some((step) => state.checks.get(step.id)?.verdict.status === 'pass');
  if (phase.steps.some((step) => step.type === 'check')) return passed(phase.steps);
  const touched = touchedChanges(plan, state, null);
  const steps = stepsOf(plan);
  const live = touched.findLast((step) => step.impact === 'live');
  if (live !== undefined) return passed(steps.slice(steps.indexOf(live) + 1));
  return touched.every((step) => step.impact === 'none') || passed(steps);
}

function started(plan: Plan, state: RunState, phase: PlannedPhase): boolean {
  const order = plan.phases.map((candidate) => candidate.name);
  return state.phase !== null && order.indexOf(state.phase) >= order.indexOf(phase.name);
}

export function isDone(state: RunState, step: PlannedStep): boolean {
  if (state.leftOut.has(step.id)) return true;
  return step.type === 'check' ? state.checks.has(step.id) : state.changes.get(step.id)?.finished != null;
}

function changeFailed(state: RunState, step: PlannedStep): boolean {
  const status = state.changes.get(step.id)?.finished?.status;
  return step.severity === 'required' && (status === 'failed' || status === 'conflict');
}

function decideChecks(plan: Plan, state: RunState, phase: PlannedPhase, pending: readonly PlannedStep[]): Action {
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

function decideChange(plan: Plan, state: RunState, phase: PlannedPhase, step: PlannedChange | PlannedCheck): Action {
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

/** A required verdict that is not a pass, or a change that failed. `always` steps of the phase still run first. */
function decideFailure(
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

function said(state: RunState, step: PlannedStep): string {
  return state.checks.get(step.id)?.verdict.summary ?? state.changes.get(step.id)?.finished?.summary ?? 'failed';
}

function decideBeforeLive(plan: Plan, state: RunState, why: string, code: RollbackCode): Action {
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

function decideEnd(plan: Plan, state: RunState): Action {
  const open = forward(plan).findLast((phase) => phase.steps.some((step) => (state.changes.get(step.id)?.intents ?? 0) > 0));
  const revertible = touchedChanges(plan, state, null).some((step) => step.reversal !== 'none');
  if (plan.changing && open !== undefined && revertible) {
    return isProven(plan, state, { ...open, steps: open.steps.filter((step) => step.type === 'change') })
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
