// Where a run stands, folded from its journal and nothing else. Pure: the same events give the same state on any machine.
import type { Facts, Inspection } from '../core/change.js';
import type { Json } from '../core/json.js';
import type { Plan, PlannedStep } from '../core/plan.js';
import type { EventOf } from '../core/run-event.js';
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
  /** The facts as they were before anything was taken back; null while nothing was. */
  factsBefore: Facts | null;
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
  /** Who answers for the run; null before anybody does. */
  answers: string | null;
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
  /** Why the plan's isolation was ordered; null while it was not. */
  isolation: string | null;
  rollback: RollbackState | null;
  hold: EventOf<'hold-started'>['data'] | null;
  /** A hold that ended without leave to go on; null while there is none, or once what follows from it was ordered. */
  heldOut: { readonly reason: string; readonly how: 'rollback' | 'deadline' } | null;
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

const stepsByPlan = new WeakMap<Plan, readonly PlannedStep[]>();

export function stepsOf(plan: Plan): readonly PlannedStep[] {
  const known = stepsByPlan.get(plan);
  if (known !== undefined) return known;
  const steps = plan.phases.flatMap((phase) => phase.steps);
  stepsByPlan.set(plan, steps);
  return steps;
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
    answers: null,
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
    isolation: null,
    rollback: null,
    hold: null,
    heldOut: null,
    request: null,
    signal: null,
    refusal: null,
    kept: null,
    groups: [],
    reopened: false,
    finished: null,
  };
}
