// One run from outside: its events, its report when there is one, and where it stands when there is none.
import type { Plan } from '../core/plan.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import { eventsOf } from './run-events.js';
import { type OpenStanding, openStanding } from './run-standing.js';
import type { Shell } from './shell.js';
import { type ShownReport, showReport } from './show-report.js';

export interface ShownRun {
  readonly folder: RunFolder;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly report: ShownReport | null;
  /** Null once it has a result. */
  readonly standing: OpenStanding | null;
}

export async function showRun(shell: Shell, runId: string): Promise<ShownRun> {
  const folder = shell.folders.find(runId);
  const result = folder.result();
  const directory = result?.report?.directory;
  const report = directory === undefined ? null : await showReport(shell.signing.files, directory);
  const standing = result === null ? openStanding(shell, folder) : null;
  return { folder, plan: folder.plan(), events: eventsOf(shell, folder), report, standing };
}
