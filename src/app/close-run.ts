// The end of a run that nobody can finish, because its journal cannot be believed any more: a person has brought the deployment
// into a known state by hand, and says so.
import { RouterctlError } from '../core/errors.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { Shell } from './shell.js';

/** Throws RUN_UNKNOWN, LEASE_HELD, and RUN_FINISHED when the run has ended or can still be finished. */
export async function closeRun(shell: Shell, runId: string, by: string, reason: string): Promise<RunFolder> {
  const folder = shell.folders.find(runId);
  if (folder.result() !== null)
    throw new RouterctlError('RUN_FINISHED', `run ${folder.runId} has ended`, { hint: `see it: routerctl run show ${folder.runId}` });
  const held = shell.leases.look(folder.plan().target.root);
  if (held?.alive === true && held.holder.runId === folder.runId)
    throw new RouterctlError('LEASE_HELD', `pid ${held.holder.pid} drives run ${folder.runId}`, {
      hint: `watch it: routerctl run attach ${folder.runId}`,
    });
  if (isWhole(shell, folder))
    throw new RouterctlError('RUN_FINISHED', `run ${folder.runId} can still be finished: its journal is whole`, {
      hint: `finish it: routerctl resume ${folder.runId}; or take it back: routerctl resume ${folder.runId} --roll-back`,
    });
  await folder.writeResult({
    lastSeq: -1,
    exitCode: 5,
    outcome: 'closed',
    why: `closed by ${by} without a proof: ${reason}; the journal is damaged`,
    hint: null,
    report: null,
  });
  return folder;
}

function isWhole(shell: Shell, folder: RunFolder): boolean {
  try {
    const journal = shell.readJournal(folder);
    journal.read();
    journal.close();
    return true;
  } catch (error) {
    if (error instanceof RouterctlError && error.code === 'JOURNAL_DAMAGED') return false;
    throw error;
  }
}
