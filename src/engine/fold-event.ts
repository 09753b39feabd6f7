// How each event moves the state of a run: the only writer of `RunState`.
import { personName } from '../core/person-name.js';
import type { Plan, PlannedStep } from '../core/plan.js';
import type { EventOf, RunEvent, RunEventType } from '../core/run-event.js';
import { type ChangeState, emptyState, type RunState, stepsOf } from './run-state.js';

export function stateOf(plan: Plan, events: readonly RunEvent[]): RunState {
  const state = emptyState();
  for (const event of events) foldEvent(plan, state, event);
  return state;
}

type Folds = { readonly [Type in RunEventType]: (state: RunState, data: EventOf<Type>['data'], plan: Plan, event: RunEvent) => void };

const nothing = (): void => undefined;

const folds: Folds = {
  'run-created': (state, data, _plan, event) =>
    void Object.assign(state, { created: data, startedAtMs: Date.parse(event.ts), answers: personName(data.operator) }),
  'lease-taken': (state, data, plan) => takeOver(plan, state, data),
  'handed-over': (state, data) => void Object.assign(state, { answers: data.to }),
  'deadline-set': (state, data) => void Object.assign(state, { deadline: data }),
  'guard-proven': (state) => void Object.assign(state, { proven: true }),
  'guard-armed': (state) => void Object.assign(state, { guarded: true }),
  refused: (state, data) => void Object.assign(state, { refusal: data.why }),
  'group-started': (state, data) => void Object.assign(state, { groups: [...state.groups, data] }),
  'phase-started': (state, data) => void Object.assign(state, { phase: data.phase }),
  'phase-committed': (state, data) => commitPhase(state, data.phase),
  'check-finished': (state, data) => void (data.way === 'back' ? state.restored : state.checks).set(data.step, data),
  'step-left-out': (state, data) => void state.leftOut.set(data.step, data.why),
  'undo-checked': (state, data) => void state.undoChecked.set(data.step, data.verdict),
  'change-intent': (state, data) => announce(changeState(state, data.step), data),
  fact: (state, data) => remember(changeState(state, data.step), data),
  'change-finished': (state, data) => void Object.assign(changeState(state, data.step), { finished: data }),
  inspected: (state, data) => void Object.assign(changeState(state, data.step), { inspected: data.state }),
  'revert-intent': (state, data) => beginRevert(changeState(state, data.step), data.attempt),
  'revert-finished': (state, data) => void Object.assign(changeState(state, data.step), { reverted: data }),
  'criterion-met': (state, data) => void Object.assign(state, { criterion: data }),
  'request-received': (state, data) => void Object.assign(state, { request: data }),
  'signal-received': (state, data) => void Object.assign(state, { signal: data.signal }),
  'hold-started': (state, data) => void Object.assign(state, { hold: data, request: null }),
  'hold-ended': (state, data, plan) => endHold(plan, state, data.how),
  'isolation-ordered': (state, data) => void Object.assign(state, { isolation: data.why }),
  'rollback-ordered': (state, data) => void Object.assign(state, { rollback: { ...data, validated: null }, hold: null, heldOut: null }),
  'rollback-validated': (state, data) => void (state.rollback === null || Object.assign(state.rollback, { validated: data })),
  'run-finished': (state, data) => void Object.assign(state, { finished: data }),
  'check-started': nothing,
  'prober-started': nothing,
  'notifier-started': nothing,
  'probe-summary': nothing,
  note: nothing,
};

/** Adds one event to the state, in place: the engine folds each event once, when it is written. */
export function foldEvent(plan: Plan, state: RunState, event: RunEvent): void {
  const fold = folds[event.type] as (state: RunState, data: RunEvent['data'], plan: Plan, event: RunEvent) => void;
  fold(state, event.data, plan, event);
}

function announce(change: ChangeState, data: EventOf<'change-intent'>['data']): void {
  Object.assign(change, {
    intents: data.attempt,
    undo: data.undo,
    expects: data.expects,
    with: data.with,
    finished: null,
    inspected: null,
  });
}

function beginRevert(change: ChangeState, attempt: number): void {
  change.factsBefore ??= change.facts;
  change.reverts = attempt;
}

function remember(change: ChangeState, { name, value }: EventOf<'fact'>['data']): void {
  change.facts = { ...change.facts, [name]: value };
}

function changeState(state: RunState, step: string): ChangeState {
  const known = state.changes.get(step);
  if (known !== undefined) return known;
  const fresh: ChangeState = {
    intents: 0,
    undo: null,
    expects: null,
    with: null,
    finished: null,
    inspected: null,
    facts: {},
    factsBefore: null,
    reverts: 0,
    reverted: null,
    committedBy: null,
  };
  state.changes.set(step, fresh);
  return fresh;
}

function commitPhase(state: RunState, phase: string): void {
  state.committed.add(phase);
  for (const change of state.changes.values()) if (change.intents > 0) change.committedBy ??= phase;
}

/** A successor trusts what is journalled of changes, but asks the checks of the open phase again and inspects what is in doubt. */
function takeOver(plan: Plan, state: RunState, taken: EventOf<'lease-taken'>['data']): void {
  const first = state.epoch === 0;
  state.epoch = taken.epoch;
  state.by = taken.by;
  state.guarded = false;
  state.signal = null;
  state.request = null;
  state.refusal = null;
  if (first) return;
  state.takeovers += 1;
  state.proven = false;
  if (taken.by === 'rollback') reopen(state);
  state.restored.clear();
  // What was proven before a change that nobody can notice is old by now; what was proven before any other is the baseline.
  const touched = stepsOf(plan).some(
    (step) => step.type === 'change' && step.impact !== 'none' && (state.changes.get(step.id)?.intents ?? 0) > 0,
  );
  const open = plan.phases.filter((phase) => !state.committed.has(phase.name));
  const stale = touched ? open.filter((phase) => phase.name === state.phase) : open;
  for (const phase of stale) forgetChecks(state, [...phase.steps, ...phase.controls], touched);
  // Once something was taken back, an inspection would compare with a world that is half restored: the earlier answer stands.
  const takingBack = [...state.changes.values()].some((change) => change.reverts > 0);
  for (const change of state.changes.values()) if (change.finished === null && !takingBack) change.inspected = null;
}

function forgetChecks(state: RunState, steps: readonly PlannedStep[], keepBaseline: boolean): void {
  for (const step of steps) {
    if (step.type !== 'check' || (keepBaseline && step.baseline)) continue;
    state.checks.delete(step.id);
    state.leftOut.delete(step.id);
  }
}

/**
 * A finished run is opened again to be taken back: what was committed may be reverted now, because a person asked for it, and
 * what an earlier way back left undone is tried once more from its beginning.
 */
function reopen(state: RunState): void {
  state.reopened = true;
  state.finished = null;
  state.isolation = null;
  state.rollback = null;
  state.hold = null;
  state.heldOut = null;
  state.kept = null;
  state.committed.clear();
  for (const change of state.changes.values()) {
    const { factsBefore: facts } = change;
    Object.assign(change, { committedBy: null, reverts: 0, reverted: null, factsBefore: null, ...(facts === null ? {} : { facts }) });
  }
}

function endHold(plan: Plan, state: RunState, how: EventOf<'hold-ended'>['data']['how']): void {
  const reason = state.hold?.reason ?? 'held';
  if (how === 'keep') state.kept = reason;
  if (how === 'rollback' || how === 'deadline') state.heldOut = { reason, how };
  state.hold = null;
  state.request = null;
  if (how !== 'resume') return;
  const phase = plan.phases.find((candidate) => candidate.name === state.phase);
  if (phase !== undefined) forgetChecks(state, [...phase.steps, ...phase.controls], true);
  state.criterion = null;
}
