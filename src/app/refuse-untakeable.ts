// Before a finished run is opened again: everything that would be taken back is asked whether it still can be. Nothing is touched
// while it is asked, so that a healthy router is not stopped on the way to a version that is not there any more.
import { RouterctlError } from '../core/errors.js';
import type { Plan, PlannedChange } from '../core/plan.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import { undoVerdict } from '../engine/change-call.js';
import { isRed } from '../engine/judgement.js';
import { type RunState, stepsOf } from '../engine/run-state.js';
import type { Shell } from './shell.js';

/** Throws UNDO_MISSING, which names each change and what to do about it. */
export async function refuseUntakeable(shell: Shell, folder: RunFolder, plan: Plan, state: RunState): Promise<void> {
  const parts = {
    plan,
    catalogue: await shell.catalogue(),
    ports: shell.ports(plan.target.root, () => undefined),
    undoDirectory: (stepId: string) => folder.undoDirectory(stepId),
  };
  const touched = stepsOf(plan).filter(
    (step): step is PlannedChange => step.type === 'change' && step.reversal !== 'none' && (state.changes.get(step.id)?.intents ?? 0) > 0,
  );
  const verdicts = await Promise.all(touched.map(async (step) => ({ step, verdict: await undoVerdict(parts, state, folder.runId, step) })));
  const lost = verdicts.filter(({ verdict }) => isRed(verdict));
  const [first] = lost;
  if (first === undefined) return;
  const hint = lost.map(({ verdict }) => verdict.hint).find((each) => each !== undefined);
  throw new RouterctlError('UNDO_MISSING', `run ${folder.runId} cannot be taken back; nothing was touched`, {
    details: lost.map(({ step, verdict }) => `${step.id}: ${verdict.summary}`),
    hint: hint === undefined ? `the plain commands that undo the change: ${folder.byHandPath}` : `${hint}; then type this again`,
  });
}
