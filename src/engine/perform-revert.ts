// One change backwards, and the look at what an interrupted one left behind.
import type { Outcome } from '../core/change.js';
import type { PlannedChange } from '../core/plan.js';
import { contextOf, definitionOf, undoVerdict } from './change-call.js';
import type { EngineParts } from './parts.js';
import { failedBy, finishedOf, isLost, StuckAct, withinLimit } from './perform-change.js';
import type { Recorder } from './recorder.js';

export async function performRevert(parts: EngineParts, recorder: Recorder, step: PlannedChange): Promise<void> {
  const change = recorder.state.changes.get(step.id);
  if (change === undefined) throw new Error(`${step.id} was never announced`);
  const definition = definitionOf(parts, step);
  const startedMs = parts.ports.clock.bootMs();
  recorder.record({ type: 'revert-intent', data: { step: step.id, attempt: change.reverts + 1 } });
  let outcome: Outcome;
  try {
    outcome = await withinLimit(step.timeoutMs, step.id, (signal) =>
      definition.revert(change.with, change.undo, change.facts, parts.ports, contextOf(parts, recorder, step, signal), (name, value) => {
        recorder.record({ type: 'fact', data: { step: step.id, name, value } });
        return Promise.resolve();
      }),
    );
  } catch (error) {
    if (error instanceof StuckAct || isLost(error)) throw error;
    outcome = failedBy(error);
  }
  const { status, summary, hint, evidence } = finishedOf(outcome);
  const tookMs = parts.ports.clock.bootMs() - startedMs;
  recorder.record({ type: 'revert-finished', data: { step: step.id, status, summary, hint, evidence, tookMs } });
}

export async function performInspection(parts: EngineParts, recorder: Recorder, step: PlannedChange): Promise<void> {
  const change = recorder.state.changes.get(step.id);
  if (change === undefined) throw new Error(`${step.id} was never announced`);
  const prepared = { undo: change.undo, expects: change.expects };
  const found = await definitionOf(parts, step)
    .inspect(change.with, prepared, change.facts, parts.ports, contextOf(parts, recorder, step))
    .catch((error: unknown) => {
      if (isLost(error)) throw error;
      return 'unknown' as const;
    });
  recorder.record({ type: 'inspected', data: { step: step.id, state: found } });
}

/** Asks every touched change once more whether it could be taken back, before the first moment that a user can notice. */
export async function performUndoChecks(parts: EngineParts, recorder: Recorder, steps: readonly PlannedChange[]): Promise<void> {
  for (const step of steps) {
    const verdict = await undoVerdict(parts, recorder.state, recorder.runId, step);
    recorder.record({ type: 'undo-checked', data: { step: step.id, verdict } });
  }
}
