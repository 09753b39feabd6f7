// The ticket text of a run: from its report, or, while it goes on, from what its journal says so far.
import { RouterctlError } from '../core/errors.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import { buildReport } from '../report/build.js';
import { renderTicket, type TicketMoment } from '../report/render-ticket.js';
import type { ReportDocument } from '../report/report-document.js';
import type { Shell } from './shell.js';
import { readReport } from './show-report.js';
import { showRun } from './show-run.js';

export interface Ticket {
  readonly runId: string;
  readonly moment: TicketMoment;
  readonly text: readonly string[];
}

/** Throws RUN_UNKNOWN; USAGE when a run that has not ended is asked for its end. */
export async function runTicket(shell: Shell, run: string, moment: TicketMoment): Promise<Ticket> {
  const folder = shell.folders.find(run);
  const directory = folder.result()?.report?.directory;
  if (directory === undefined && moment !== 'plan')
    throw new RouterctlError('USAGE', `run ${folder.runId} has not ended, so there is no ${moment} yet`, {
      hint: `routerctl run ticket ${folder.runId} --at plan; or wait for it: routerctl run attach ${folder.runId}`,
    });
  const report = directory === undefined ? await soFar(shell, folder) : await readReport(shell.signing.files, directory);
  return { runId: folder.runId, moment, text: renderTicket(report, moment) };
}

async function soFar(shell: Shell, folder: RunFolder): Promise<ReportDocument> {
  const { plan, events } = await showRun(shell, folder.runId);
  const { approval, window } = folder.order();
  return buildReport(events, plan, { journal: { entries: events.length, head: '' }, approval, window });
}
