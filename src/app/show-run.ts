// One run from outside: its events, and its report when there is one.
import { existsSync } from 'node:fs';
import type { Plan } from '../core/plan.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import type { Shell } from './shell.js';
import { type ShownReport, showReport } from './show-report.js';

export interface ShownRun {
  readonly folder: RunFolder;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly report: ShownReport | null;
}

export async function showRun(shell: Shell, runId: string): Promise<ShownRun> {
  const folder = shell.folders.find(runId);
  const directory = folder.result()?.report?.directory;
  const report = directory === undefined ? null : await showReport(shell.signing.files, directory);
  return { folder, plan: folder.plan(), events: eventsOf(shell, folder), report };
}

function eventsOf(shell: Shell, folder: RunFolder): readonly RunEvent[] {
  if (!existsSync(folder.journalPath)) return [];
  const journal = shell.readJournal(folder);
  try {
    return journal.read();
  } finally {
    journal.close();
  }
}
