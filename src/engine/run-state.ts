// Where a run stands, folded from its journal and nothing else. Pure: the same events give the same state on any machine.
import type { Facts, Inspection } from '../core/change.js';
import type { Json } from '../core/json.js';
import type { Plan, PlannedStep } from '../core/plan.js';
import type { EventOf, RunEvent } from '../core/run-event.js';
import type { StepResult } from '../core/step-result.js';
import type { Verdict } from '../core/verdict.js';

export interface ChangeState {
  /** Attempts that were announced; 0 means untouched. */
  intents: number;
  undo: Json;
  expects: Json;
  /** The bound spec of the attempt. */
  with: Json;
  finished: EventOf<'change-finished'>['data'] | null;
  /** What an inspection found after the last announcement or takeover; null when none was made since. */
  inspected: Inspection | null;
  facts: Facts;
  reverts: number;
  reverted: EventOf<'revert-finished'>['data'] | null;
  /** The phase that made it permanent, or null while its undo is automatic. */
  committedBy: string | null;
}

export interface CheckState {
  verdict: Verdict;
  observation: Json;
}

export interface RollbackState {
  readonly why: string;
  readonly code: string;
  /** The phase to which the rollback is limited, or null for everything that is not committed. */
  readonly phase: string | null;
  validated: EventOf<'rollback-validated'>['data'] | null;
}

export interface RunState {
  readonly created: EventOf<'run-created'>['data'] | null;
  startedAtMs: number;
  epoch: number;
  /** Who drives now. */
  by: EventOf<'lease-taken'>['data']['by'];
  takeovers: number;
  deadline: EventOf<'deadline-set'>['data'] | null;
  guarded: boolean;
  proven: boolean;
  phase: string | null;
  committed: Set<string>;
  changes: Map<string, ChangeState>;
  checks: Map<string, CheckState>;
  /** Verdicts of baseline checks asked again during a rollback. */
  restored: Map<string, CheckState>;
  leftOut: Map<string, string>;
  undoChecked: Map<string, Verdict>;
  criterion: EventOf<'criterion-met'>['data'] | null;
  rollback: RollbackState | null;
  hold: EventOf<'hold-started'>['data'] | null;
  /** Holds that were ended by `resume`, by phase: its red checks are asked again. */
  request: EventOf<'request-received'>['data'] | null;
  signal: string | null;
  refusal: string | null;
  /** Why a person told the run to keep what is there although it is not proven. */
  kept: string | null;
  groups: readonly EventOf<'group-started'>['data'][];
  /** A finished run was opened again to be taken back. */
  reopened: boolean;
  finished: EventOf<'run-finished'>['data'] | null;
}

export function stepsOf(plan: Plan): readonly PlannedStep[] {
  return plan.phases.flatMap((phase) => phase.steps);
}

export function phaseOf(plan: Plan, stepId: string): string | null {
  return plan.phases.find((phase) => phase.steps.some((step) => step.id === stepId))?.name ?? null;
}

/** Everything that the change steps have told, by step id, for expressions and later steps. */
export function resultsOf(plan: Plan, state: RunState): Readonly<Record<string, StepResult>> {
  const results: Record<string, StepResult> = {};
  for (const step of stepsOf(plan)) {
    const check = state.checks.get(step.id);
    const change = state.changes.get(step.id)?.finished;
    if (check !== undefined) results[step.id] = { verdict: check.verdict, observation: check.observation, effects: {} };
    else if (change != null) results[step.id] = { verdict: null, observation: null, effects: asRecord(change.effects) };
  }
  return results;
}

function asRecord(value: Json): Readonly<Record<string, Json>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};
}

export function emptyState(): RunState {
  return {
    created: null,
    startedAtMs: 0,
    epoch: 0,
    by: 'runner',
    takeovers: 0,
    deadline: null,
    guarded: false,
    proven: false,
    phase: null,
    committed: new Set(),
    changes: new Map(),
    checks: new Map(),
    restored: new Map(),
    leftOut: new Map(),
    undoChecked: new Map(),
    criterion: null,
    rollback: null,
    hold: null,
    request: null,
    signal: null,
    refusal: null,
    kept: null,
    groups: [],
    reopened: false,
    finished: null,
  };
}

export function stateOf(plan: Plan, events: readonly RunEvent[]): RunState {
  const state = emptyState();
  for (const event of events) foldEvent(plan, state, event);
  return state;
}

/** Adds one event to the state, in place: the engine folds each event once, when it is written. */
export function foldEvent(plan: Plan, state: RunState, event: RunEvent): void {
  switch (event.type) {
    case 'run-created':
      Object.assign(state, { created: event.data, startedAtMs: Date.parse(event.ts) });
      return;
    case 'lease-taken':
      takeOver(plan, state, event.data);
      return;
    case 'deadline-set':
      state.deadline = event.data;
      return;
    case 'guard-armed':
      state.guarded = true;
      return;
    case 'guard-proven':
      state.proven = true;
      return;
    case 'refused':
      state.refusal = event.data.why;
      return;
    case 'group-started':
      state.groups = [...state.groups, event.data];
      return;
    case 'phase-started':
      state.phase = event.data.phase;
      return;
    case 'check-finished':
      (event.data.way === 'back' ? state.restored : state.checks).set(event.data.step, event.data);
      return;
    case 'step-left-out':
      state.leftOut.set(event.data.step, event.data.why);
      return;
    case 'undo-checked':
      state.undoChecked.set(event.data.step, event.data.verdict);
      return;
    case 'phase-committed':
      commitPhase(state, event.data.phase);
      return;
    case 'criterion-met':
      state.criterion = event.data;
      return;
    case 'request-received':
      state.request = event.data;
      return;
    case 'signal-received':
      state.signal = event.data.signal;
      return;
    case 'rollback-ordered':
      state.rollback = { ...event.data, validated: null };
      state.hold = null;
      return;
    case 'rollback-validated':
      if (state.rollback !== null) state.rollback.validated = event.data;
      return;
    case 'run-finished':
      state.finished = event.data;
      return;
    case 'hold-started':
      state.hold = event.data;
      state.request = null;
      return;
    case 'hold-ended':
      endHold(plan, state, event.data.how);
      return;
    case 'change-intent':
    case 'fact':
    case 'change-finished':
    case 'inspected':
    case 'revert-intent':
    case 'revert-finished':
      foldChange(state, event);
      return;
    case 'check-started':
    case 'prober-started':
    case 'probe-summary':
    case 'note':
    case 'recovered':
      return;
    default:
      event satisfies never;
  }
}

type ChangeEvent = EventOf<'change-intent' | 'fact' | 'change-finished' | 'inspected' | 'revert-intent' | 'revert-finished'>;

function foldChange(state: RunState, event: ChangeEvent): void {
  const change = changeState(state, event.data.step);
  switch (event.type) {
    case 'change-intent':
      Object.assign(change, { intents: event.data.attempt, undo: event.data.undo, expects: event.data.expects, with: event.data.with });
      change.finished = null;
      change.inspected = null;
      return;
    case 'fact':
      change.facts = { ...change.facts, [event.data.name]: event.data.value };
      return;
    case 'change-finished':
      change.finished = event.data;
      return;
    case 'inspected':
      change.inspected = event.data.state;
      return;
    case 'revert-intent':
      change.reverts = event.data.attempt;
      return;
    case 'revert-finished':
      change.reverted = event.data;
      return;
    default:
      event satisfies never;
  }
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
  const touched = [...state.changes.values()].some((change) => change.intents > 0);
  const stale = touched ? plan.phases.filter((phase) => phase.name === state.phase) : plan.phases;
  for (const phase of stale) forgetChecks(state, [...phase.steps, ...phase.controls], touched);
  // Once something was taken back, an inspection would compare with a world that is half restored: the earlier answer stands.
  const takingBack = [...state.changes.values()].some((change) => change.reverts > 0);
  for (const change of state.changes.values()) if (change.finished === null && !takingBack) change.inspected = null;
}

function forgetChecks(state: RunState, steps: readonly PlannedStep[], keepBaseline: boolean): void {
  for (const step of steps) if (!(keepBaseline && step.type === 'check' && step.baseline)) state.checks.delete(step.id);
}

/** A finished run is opened again to be taken back: what was committed may be reverted now, because a person asked for it. */
function reopen(state: RunState): void {
  state.reopened = true;
  state.finished = null;
  state.rollback = null;
  state.hold = null;
  state.kept = null;
  state.committed.clear();
  for (const change of state.changes.values()) change.committedBy = null;
}

function endHold(plan: Plan, state: RunState, how: EventOf<'hold-ended'>['data']['how']): void {
  if (how === 'keep') state.kept = state.hold?.reason ?? 'held';
  state.hold = null;
  state.request = null;
  if (how !== 'resume') return;
  const phase = plan.phases.find((candidate) => candidate.name === state.phase);
  if (phase !== undefined) forgetChecks(state, [...phase.steps, ...phase.controls], true);
  state.criterion = null;
}
