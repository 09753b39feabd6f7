// Resuming and taking back: which run, may it be taken up, and in which direction.
import { existsSync } from 'node:fs';
import { RouterctlError } from '../core/errors.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { Target } from '../core/target.js';
import { stateOf } from '../engine/fold-event.js';
import { touchedChanges } from '../engine/judgement.js';
import { refuseUntakeable } from './refuse-untakeable.js';
import { eventsOf } from './run-events.js';
import type { Shell } from './shell.js';
import { refuseOverInterrupted, type StartedRun, takeUpRun } from './start-run.js';

export interface ResumeRequest {
  readonly rollBack: boolean;
  readonly despiteVersion: boolean;
  readonly by: string;
}

export async function resumeRun(shell: Shell, runId: string, request: ResumeRequest): Promise<StartedRun> {
  const folder = shell.folders.find(runId);
  if (!existsSync(folder.journalPath))
    throw new RouterctlError('RUN_FINISHED', `run ${folder.runId} never began: nothing was changed`, {
      hint: 'start again: routerctl upgrade',
    });
  refuseOtherVersion(shell, folder, request);
  // On a full disk even the request needs the room that was reserved for the way back.
  if (request.rollBack) folder.freeReserve();
  if (request.rollBack) await folder.request('rollback', request.by, `${request.by} chose to roll back`);
  return takeUpRun(shell, folder, 'resume');
}

/** Going on with another tool is a risk; going back with it is not refused. */
function refuseOtherVersion(shell: Shell, folder: RunFolder, request: ResumeRequest): void {
  const { tool } = folder.plan();
  if (tool.version === shell.tool.version || request.despiteVersion || request.rollBack) return;
  throw new RouterctlError(
    'VERSION_MISMATCH',
    `run ${folder.runId} was begun by routerctl ${tool.version}, this is ${shell.tool.version}`,
    {
      hint: `use ${tool.version}; or take it back: routerctl resume ${folder.runId} --roll-back; or insist: routerctl resume ${folder.runId} --despite-version`,
    },
  );
}

/** The newest run of the target (or the named one) whose change stands. */
export function folderToRollBack(shell: Shell, target: Pick<Target, 'name' | 'root'> | null, runId: string | null): RunFolder {
  return runId === null ? newestOf(shell, target) : shell.folders.find(runId);
}

/** Opens a run again to be taken back. */
export async function rollBackRun(shell: Shell, folder: RunFolder): Promise<StartedRun> {
  await refuseRollback(shell, folder);
  return takeUpRun(shell, folder, 'rollback');
}

/** Asked before the question, so that nobody says yes in vain, and again after it. */
export async function refuseRollback(shell: Shell, folder: RunFolder): Promise<void> {
  if (folder.result() === null)
    throw new RouterctlError('LEASE_HELD', `run ${folder.runId} is not finished`, {
      hint: `take it back: routerctl resume ${folder.runId} --roll-back`,
    });
  const plan = folder.plan();
  const state = stateOf(plan, eventsOf(shell, folder));
  const newest = newestStanding(shell, plan.target);
  const undone = folder.result()?.outcome === 'rollback-failed';
  if (!undone && state.committed.size === 0 && (state.rollback !== null || touchedChanges(plan, state, null).length === 0))
    throw new RouterctlError(
      'NOTHING_TO_ROLL_BACK',
      `run ${folder.runId} left nothing that could be taken back: ${folder.result()?.why ?? ''}`,
      {
        hint: `see it: routerctl run show ${folder.runId}`,
      },
    );
  if (newest.runId !== folder.runId)
    throw new RouterctlError('NOTHING_TO_ROLL_BACK', `run ${folder.runId} is not the newest one: ${newest.runId} came after it`, {
      hint: 'go back further with an upgrade to the older version',
    });
  await refuseUntakeable(shell, folder, plan, state);
}

function newestOf(shell: Shell, target: Pick<Target, 'name' | 'root'> | null): RunFolder {
  if (target === null) throw new RouterctlError('USAGE', 'a rollback needs a run or a target');
  // Asked first: a run that died half-way is what the person means, and no older one may be touched before it.
  refuseOverInterrupted(shell, target, null);
  return newestStanding(shell, target);
}

/** Among the runs of all users: an older one of this user may have been followed by a newer one of somebody else. */
function newestStanding(shell: Shell, target: Pick<Target, 'root'>): RunFolder {
  for (const folder of shell.folders.beside(target.root)) {
    if (['upgraded', 'kept', 'rollback-failed'].includes(folder.result()?.outcome ?? '')) return folder;
  }
  throw new RouterctlError('NOTHING_TO_ROLL_BACK', 'no run keeps rollback data for this target', {
    hint: 'list the runs: routerctl run list; or upgrade to the older version',
  });
}
