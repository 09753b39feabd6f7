// How the engine reaches a planned change: its definition in the catalogue and the context it is called with.
import type { ChangeContext, ChangeDefinition } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { PlannedChange } from '../core/plan.js';
import { inconclusive, type Verdict } from '../core/verdict.js';
import { changeContext } from './context.js';
import type { EngineParts } from './parts.js';
import type { Recorder } from './recorder.js';
import type { RunState } from './run-state.js';

export function definitionOf(parts: Pick<EngineParts, 'catalogue'>, step: PlannedChange): ChangeDefinition {
  const definition = parts.catalogue.changes.get(step.kind);
  if (definition === undefined)
    throw new RouterctlError('PLAN_INVALID', `the plan uses the change ${step.kind}, which this routerctl does not have`);
  return definition;
}

export function contextOf(
  parts: EngineParts,
  recorder: Recorder,
  step: PlannedChange,
  signal: AbortSignal = new AbortController().signal,
): ChangeContext {
  return changeContext(parts.plan, recorder.state, recorder.runId, step, parts.undoDirectory(step.id), signal);
}

/** Could this change still be taken back? A question that cannot be answered is no yes. */
export function undoVerdict(
  parts: Pick<EngineParts, 'plan' | 'catalogue' | 'ports' | 'undoDirectory'>,
  state: RunState,
  runId: string,
  step: PlannedChange,
): Promise<Verdict> {
  const undo = state.changes.get(step.id)?.undo ?? null;
  const context = changeContext(parts.plan, state, runId, step, parts.undoDirectory(step.id), new AbortController().signal);
  return definitionOf(parts, step)
    .checkUndo(undo, parts.ports, context)
    .catch((error: unknown) => inconclusive(error instanceof Error ? error.message : String(error)));
}
