// How the engine reaches a planned change: its definition in the catalogue and the context it is called with.
import type { ChangeContext, ChangeDefinition } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { PlannedChange } from '../core/plan.js';
import { changeContext } from './context.js';
import type { EngineParts } from './parts.js';
import type { Recorder } from './recorder.js';

export function definitionOf(parts: EngineParts, step: PlannedChange): ChangeDefinition {
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
