// A second operator answers for a run from now on, whatever state it is in: one that goes on gets the name on record, one whose
// process died is resumed.
import { existsSync } from 'node:fs';
import { RouterctlError } from '../core/errors.js';
import { personName } from '../core/person-name.js';
import { stateOf } from '../engine/fold-event.js';
import { resumeRun } from './resume-run.js';
import { eventsOf } from './run-events.js';
import type { Shell } from './shell.js';
import type { StartedRun } from './start-run.js';

export interface TakenOver extends Pick<StartedRun, 'folder' | 'afterSeq'> {
  readonly runner: StartedRun['runner'] | null;
  /** Who answered for it until now. */
  readonly from: string;
}

/** Throws RUN_UNKNOWN, RUN_FINISHED, and what `resumeRun` throws. */
export async function takeOverRun(shell: Shell, runId: string, by: string): Promise<TakenOver> {
  const folder = shell.folders.find(runId);
  if (folder.result() !== null)
    throw new RouterctlError('RUN_FINISHED', `run ${folder.runId} has ended: there is nothing to take over`, {
      hint: `see it: routerctl run show ${folder.runId}`,
    });
  const from = stateOf(folder.plan(), eventsOf(shell, folder)).answers ?? personName(folder.order().operator);
  const held = shell.leases.look(folder.plan().target.root);
  if (held?.alive !== true && existsSync(folder.journalPath))
    return { ...(await resumeRun(shell, runId, { rollBack: false, despiteVersion: false, by })), from };
  await folder.request('take-over', by, '');
  return { folder, afterSeq: -1, runner: null, from };
}
