// Contexts that checks and changes are called with, built from plan and state.
import type { ChangeContext } from '../core/change.js';
import type { CheckContext } from '../core/check.js';
import { RouterctlError } from '../core/errors.js';
import { canonicalJson, type Json } from '../core/json.js';
import type { Plan, PlannedCheck, PlannedStep } from '../core/plan.js';
import type { Way } from '../core/run-event.js';
import type { StepResult } from '../core/step-result.js';
import type { Subject } from '../core/subject.js';
import type { Scope } from './parts.js';
import { type RunState, resultsOf, stepsOf } from './run-state.js';

/** `component:router` and the like, resolved in the plan's own copy of the target. */
export function subjectOf(plan: Plan, on: string | null): Subject {
  if (on === null) return { kind: 'none' };
  const [kind = '', name = ''] = on.split(':');
  const component = plan.target.components[name];
  if (kind === 'component' && component !== undefined) return { kind, name, component };
  const database = plan.target.databases[name];
  if (kind === 'database' && database !== undefined) return { kind, name, database };
  const upstream = plan.target.upstreams[name];
  if (kind === 'upstream' && upstream !== undefined) return { kind, name, upstream };
  throw new RouterctlError('PLAN_INVALID', `the plan names ${on}, which its target does not have`);
}

export function scopeOf(plan: Plan, state: RunState, way: Way, observation?: Json): Scope {
  const scope = {
    inputs: plan.inputs,
    target: plan.target as unknown as Json,
    profile: plan.profile as unknown as Json,
    // Computed when an expression asks for it: with a thousand steps, doing it for each of them would take longer than asking.
    get steps() {
      return resultsFor(plan, state, way);
    },
  };
  return observation === undefined ? scope : { ...scope, observation };
}

/** On the way back the checks that were asked again replace what they said before the change. */
function resultsFor(plan: Plan, state: RunState, way: Way): Readonly<Record<string, StepResult>> {
  const results = resultsOf(plan, state);
  if (way === 'forward') return results;
  const restored = [...state.restored].map(([id, { verdict, observation }]) => [id, { verdict, observation, effects: {} }] as const);
  return { ...results, ...Object.fromEntries(restored) };
}

export function checkContext(plan: Plan, state: RunState, runId: string, step: PlannedCheck, way: Way, signal: AbortSignal): CheckContext {
  return {
    runId,
    stepId: step.id,
    target: plan.target,
    profile: plan.profile,
    subject: subjectOf(plan, step.on),
    get baseline() {
      return baselineOf(plan, state, step, way);
    },
    mode: way === 'back' ? 'restored' : 'expect',
    get results() {
      return resultsFor(plan, state, way);
    },
    runStartedAtMs: state.startedAtMs,
    signal,
  };
}

/** The step's own earlier answer on the way back; forward, the baseline check of the same kind about the same subject. */
function baselineOf(plan: Plan, state: RunState, step: PlannedCheck, way: Way): Json | null {
  if (way === 'back') return state.checks.get(step.id)?.observation ?? null;
  if (step.baseline) return null;
  const alike = stepsOf(plan).filter(
    (other): other is PlannedCheck => other.type === 'check' && other.baseline && other.kind === step.kind && other.on === step.on,
  );
  const same = alike.find((other) => canonicalJson(other.with) === canonicalJson(step.with)) ?? alike[0];
  return same === undefined ? null : (state.checks.get(same.id)?.observation ?? null);
}

export function changeContext(
  plan: Plan,
  state: RunState,
  runId: string,
  step: PlannedStep,
  undoDirectory: string,
  signal: AbortSignal,
): ChangeContext {
  return {
    runId,
    stepId: step.id,
    target: plan.target,
    profile: plan.profile,
    subject: subjectOf(plan, step.on),
    results: resultsOf(plan, state),
    runStartedAtMs: state.startedAtMs,
    undoDirectory,
    signal,
  };
}
