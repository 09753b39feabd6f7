// The runs of this host with where each of them stands.
import { existsSync } from 'node:fs';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { Shell } from './shell.js';

export interface ListedRun {
  readonly runId: string;
  readonly target: string;
  readonly playbook: string;
  /** The outcome, or `running`, `interrupted`, `never began`. */
  readonly state: string;
  readonly exitCode: number | null;
  readonly folder: string;
}

export function listRuns(shell: Shell): readonly ListedRun[] {
  return shell.folders.list().map((folder) => {
    const plan = folder.plan();
    const result = folder.result();
    return {
      runId: folder.runId,
      target: plan.target.name,
      playbook: plan.playbook.name,
      state: result?.outcome ?? openState(shell, folder, plan.target.root),
      exitCode: result?.exitCode ?? null,
      folder: folder.path,
    };
  });
}

function openState(shell: Shell, folder: RunFolder, root: string): string {
  if (!existsSync(folder.journalPath)) return 'never began';
  const held = shell.leases.look(root);
  return held?.alive === true && held.holder.runId === folder.runId ? 'running' : 'interrupted';
}
