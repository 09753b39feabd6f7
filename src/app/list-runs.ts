// The runs of this host with where each of them stands.
import { type OpenStanding, openStanding } from './run-standing.js';
import type { Shell } from './shell.js';

export interface ListedRun {
  readonly runId: string;
  readonly target: string;
  readonly playbook: string;
  /** The outcome, or `running`, `held`, `interrupted`, `never began`. */
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
      state: result?.outcome ?? openWords[openStanding(shell, folder)],
      exitCode: result?.exitCode ?? null,
      folder: folder.path,
    };
  });
}

const openWords: Readonly<Record<OpenStanding, string>> = {
  'never-began': 'never began',
  running: 'running',
  held: 'held',
  'awaits-guard': 'interrupted',
  interrupted: 'interrupted',
};
