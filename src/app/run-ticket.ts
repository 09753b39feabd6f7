// The ticket text of a change: of a plan before anything ran, of a run from its report, or, while it goes on or where no report
// could be written, from what its journal says.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import { buildReport } from '../report/build.js';
import { sha256Hex } from '../report/checksum-list.js';
import { versionInUse } from '../report/release-facts.js';
import { renderTicket } from '../report/render-ticket.js';
import type { ReportDocument } from '../report/report-document.js';
import { type TicketEvidence, type TicketField, type TicketMoment, ticketFields } from '../report/ticket-fields.js';
import { readApproval, readPlan } from './plan-file.js';
import { planHash } from './plan-hash.js';
import type { Shell } from './shell.js';
import { readReport } from './show-report.js';
import { untoldOf } from './untold.js';

export interface Ticket {
  /** null for a plan that has not run. */
  readonly runId: string | null;
  readonly moment: TicketMoment;
  readonly fields: readonly TicketField[];
  readonly text: readonly string[];
}

/** `what`: a run, or the file of a plan. Throws RUN_UNKNOWN, PLAN_INVALID; USAGE for a moment that has not come yet. */
export async function runTicket(shell: Shell, what: string, asked: TicketMoment | null): Promise<Ticket> {
  const path = resolve(what);
  if (isFile(path)) return planTicket(shell, path, asked ?? 'plan');
  const folder = shell.folders.find(what);
  const result = folder.result();
  const moment = asked ?? 'outcome';
  if (result === null && moment !== 'plan')
    throw new RouterctlError('USAGE', `run ${folder.runId} has not ended, so there is no ${moment} yet`, {
      hint: `routerctl run ticket ${folder.runId} --at plan; or wait for it: routerctl run attach ${folder.runId}`,
    });
  const directory = result?.report?.directory;
  const report = directory === undefined ? fromJournal(shell, folder) : await readReport(shell.signing.files, directory);
  const { failed, open } = untoldOf(shell, folder);
  return ticket(report, moment, {
    runId: folder.runId,
    plan: folder.plan(),
    changeRef: folder.order().changeRef,
    exitCode: result?.exitCode ?? null,
    closed: result?.outcome === 'closed' ? result.why : null,
    record: result?.report ?? null,
    untold: [...failed, ...open],
  });
}

/** What this user may not look at is no plan of theirs; whose run it is, is told where runs are found. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function planTicket(shell: Shell, path: string, moment: TicketMoment): Promise<Ticket> {
  const plan = await readPlan(shell.signing.files, path);
  if (moment !== 'plan')
    throw new RouterctlError('USAGE', `${path} is a plan, and nothing has run: there is no ${moment} yet`, {
      hint: 'name the run: routerctl run list',
    });
  const approved = await readApproval(shell, path, plan);
  const approval = approved as unknown as Json;
  const evidence = { plan, changeRef: approved?.reference ?? null, exitCode: null, closed: null, record: null, untold: [] };
  return ticket(unbegun(plan, { approval, window: plan.window }), moment, { runId: null, ...evidence });
}

function ticket(report: ReportDocument, moment: TicketMoment, evidence: TicketEvidence): Ticket {
  const { runId } = evidence;
  return { runId, moment, fields: ticketFields(report, evidence, moment), text: renderTicket(report, evidence, moment) };
}

function unbegun(plan: Plan, known: { readonly approval: Json; readonly window: Plan['window'] }): ReportDocument {
  const report = buildReport([], plan, { journal: { entries: 0, head: '' }, ...known });
  return { ...report, planHash: planHash(plan), release: { ...report.release, from: versionInUse(plan) } };
}

/** Nothing but the plan and the order of a run whose journal cannot be believed. */
function fromJournal(shell: Shell, folder: RunFolder): ReportDocument {
  const plan = folder.plan();
  const { approval, window, operator, host } = folder.order();
  const { events, head } = readable(shell, folder);
  if (events.length > 0) return buildReport(events, plan, { journal: { entries: events.length, head }, approval, window });
  const report = unbegun(plan, { approval, window });
  return { ...report, people: { ...report.people, operator }, target: { ...report.target, host } };
}

function readable(shell: Shell, folder: RunFolder): { readonly events: readonly RunEvent[]; readonly head: string } {
  const none = { events: [], head: '' };
  if (statSync(folder.journalPath, { throwIfNoEntry: false }) === undefined) return none;
  try {
    const journal = shell.readJournal(folder);
    try {
      return { events: journal.read(), head: sha256Hex(journal.exportLines().trimEnd().split('\n').at(-1) ?? '') };
    } finally {
      journal.close();
    }
  } catch (error) {
    if (error instanceof RouterctlError && error.code === 'JOURNAL_DAMAGED') return none;
    throw error;
  }
}
