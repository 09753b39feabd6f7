// What a person may ask of a run under way, from any terminal of the host.
import { RouterctlError } from '../core/errors.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunRequest } from '../core/run-event.js';
import type { Shell } from './shell.js';

export async function requestOf(shell: Shell, runId: string, request: RunRequest, by: string, reason: string): Promise<RunFolder> {
  const folder = shell.folders.find(runId);
  const held = shell.leases.look(folder.plan().target.root);
  if (folder.result() !== null)
    throw new RouterctlError('RUN_FINISHED', `run ${folder.runId} has ended`, { hint: `see it: routerctl run show ${folder.runId}` });
  if (held?.alive !== true || held.holder.runId !== folder.runId)
    throw new RouterctlError('RUN_FINISHED', `nobody drives run ${folder.runId}`, { hint: `finish it: routerctl resume ${folder.runId}` });
  await folder.request(request, by, reason);
  return folder;
}
