// After the last event: the report is written and signed, a version that was rolled back is marked, and the result is put where
// viewers look for it. Also done later, for a run whose process died before it got here.

import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import type { JournalReads } from '../core/ports/journal.js';
import type { RunFolder, RunResult } from '../core/ports/run-folders.js';
import { blamesVersion } from '../core/rollback-code.js';
import type { EventOf, RunEvent } from '../core/run-event.js';
import { writeReport } from './build-report.js';
import { previousReport } from './previous-report.js';
import type { Shell } from './shell.js';
import { versionOf } from './start-run.js';

export async function concludeRun(
  shell: Shell,
  folder: RunFolder,
  plan: Plan,
  journal: JournalReads,
  finished: EventOf<'run-finished'>['data'],
): Promise<RunResult> {
  const events = journal.read();
  folder.freeReserve();
  const report = await reportOf(shell, folder, plan, journal);
  if (finished.outcome === 'upgraded') await liftMark(shell, plan);
  if (finished.outcome === 'rolled-back' && finished.exitCode === 4) await markBad(shell, folder, plan, events, finished.why);
  const result: RunResult = {
    lastSeq: events.at(-1)?.seq ?? -1,
    exitCode: finished.exitCode === 0 && report.wanted ? 8 : finished.exitCode,
    outcome: finished.outcome,
    why: finished.why,
    // Beside another reason what hinders the signature would read as the way out of that.
    hint: refusedHint(events) ?? (finished.exitCode === 0 || report.written === null ? report.hint : null),
    report: report.written,
  };
  await folder.writeResult(result);
  return result;
}

function refusedHint(events: readonly RunEvent[]): string | null {
  return events.findLast((event) => event.type === 'refused')?.data.hint ?? null;
}

interface ReportEnd {
  readonly written: RunResult['report'];
  /** A signature was wanted and is missing. */
  readonly wanted: boolean;
  readonly hint: string | null;
}

/** The run has ended whatever becomes of its report: one that cannot be written is said, and can be built later. */
async function reportOf(shell: Shell, folder: RunFolder, plan: Plan, journal: JournalReads): Promise<ReportEnd> {
  const order = folder.order();
  const events = journal.read();
  try {
    const { directory, signed, problem } = await writeReport(shell.signing, {
      directory: folder.reportDirectory(),
      plan,
      events,
      journalLines: journal.exportLines(),
      evidence: {
        approval: order.approval,
        window: order.window,
        previousReport: await previousReport(shell, plan, events.at(-1)?.ts ?? ''),
      },
      signing: plan.target.signing,
      redactor: shell.redactor,
    });
    const why = problem?.message ?? (signed ? null : 'no signing key is configured');
    return { written: { directory, signed, problem: why }, wanted: problem !== undefined, hint: problem?.hint ?? null };
  } catch (error) {
    if (!(error instanceof RouterctlError)) throw error;
    return {
      written: null,
      wanted: true,
      hint: `the report could not be written: ${error.message}; later: routerctl report build ${folder.runId}`,
    };
  }
}

/** A version that was tried again and passed is bad no longer. */
async function liftMark(shell: Shell, plan: Plan): Promise<void> {
  const version = versionOf(plan);
  const { root } = plan.target;
  if (version !== null && shell.badVersions.find(root, version) !== null) await shell.badVersions.lift(root, version);
}

/** A rollback that a person or a signal asked for says nothing about the version. */
async function markBad(shell: Shell, folder: RunFolder, plan: Plan, events: readonly RunEvent[], why: string): Promise<void> {
  const version = versionOf(plan);
  if (version === null) return;
  const ordered = events.findLast((event) => event.type === 'rollback-ordered');
  if (ordered?.type !== 'rollback-ordered' || !blamesVersion(ordered.data.code)) return;
  const component = Object.keys(plan.target.components)[0] ?? '';
  await shell.badVersions.mark(plan.target.root, {
    component,
    version,
    runId: folder.runId,
    why,
    at: new Date(shell.clock.nowMs()).toISOString(),
  });
}
