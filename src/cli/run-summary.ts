// The last words of a run, made from its report: what an operator reads at the end, and the same as JSON.
import { type LastAttempt, lastAttempt } from '../app/last-attempt.js';
import { eventsOf } from '../app/run-events.js';
import type { Shell } from '../app/shell.js';
import { readReport } from '../app/show-report.js';
import { untoldOf } from '../app/untold.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Json } from '../core/json.js';
import type { RunFolder, RunResult } from '../core/ports/run-folders.js';
import { blamesVersion } from '../core/rollback-code.js';
import type { ReportDocument, TimelineEntry } from '../report/report-document.js';
import { labelledLines } from '../ui/labelled-block.js';
import { styleFor } from '../ui/style.js';
import { type SummaryInput, summaryLines } from '../ui/summary.js';
import type { CommandResult } from './base-command.js';
import { terminalColumns } from './print.js';
import type { ViewEnd } from './view-run.js';

export async function runSummary(shell: Shell, folder: RunFolder, end: ViewEnd): Promise<CommandResult> {
  const { runId, byHandPath } = folder;
  if (end.how === 'left') {
    const text = [` detached; run ${runId} goes on`, ` back in: routerctl run attach ${runId}`];
    return { exitCode: 0, text, json: { runId, outcome: 'detached' } };
  }
  if (end.how === 'abandoned') {
    if (!eventsOf(shell, folder).some(({ type }) => type === 'change-intent')) {
      const text = [` run ${runId} died before anything was changed`, ...labelled('NEXT', `routerctl resume ${runId}`)];
      return { exitCode: 143, text, json: { runId, outcome: 'abandoned', byHand: null } };
    }
    const text = [
      ` run ${runId} is driven by nobody any more`,
      ...labelled('by hand', byHandPath),
      ...labelled('NEXT', `routerctl resume ${runId}, or take it back: routerctl resume ${runId} --roll-back`),
    ];
    return { exitCode: 5, text, json: { runId, outcome: 'abandoned', byHand: byHandPath } };
  }
  return endedSummary(shell, folder, end.result);
}

const labelled = (label: string, text: string): string[] =>
  labelledLines({ label, lines: [text] }, terminalColumns(process.stdout), styleFor(process.env, process.stdout.isTTY));

export async function endedSummary(shell: Shell, folder: RunFolder, result: RunResult): Promise<CommandResult> {
  const exitCode = result.exitCode as ExitCode;
  if (result.report === null) return { exitCode, text: [` ${result.why}`], json: { runId: folder.runId, ...result } as unknown as Json };
  const report = await readReport(shell.signing.files, result.report.directory);
  const attempt = lastAttempt(shell, folder);
  const input = { ...summaryInput(folder, result, report, attempt), untold: untoldOf(shell, folder).failed };
  const columns = terminalColumns(process.stdout);
  const json = {
    runId: folder.runId,
    exitCode,
    outcome: result.outcome,
    why: result.why,
    verdict: report.result.verdictLine,
    report: result.report,
    availability: report.availability,
    lastAttempt: attempt === null ? null : { startedAt: new Date(attempt.startedMs).toISOString(), availability: attempt.availability },
  };
  return {
    exitCode,
    text: ['', ...summaryLines(input, columns, styleFor(process.env, process.stdout.isTTY))],
    json: json as unknown as Json,
  };
}

function summaryInput(folder: RunFolder, result: RunResult, report: ReportDocument, attempt: LastAttempt | null): SummaryInput {
  const { release, availability, target } = report;
  const failed = report.timeline.find((entry) => entry.what === 'check' && entry.required && entry.status === 'fail');
  return {
    outcome: result.outcome as SummaryInput['outcome'],
    exitCode: result.exitCode as ExitCode,
    verdict: report.result.verdictLine,
    runId: folder.runId,
    target: target.name,
    environment: target.environment,
    from: release.from,
    to: release.to,
    package: packageOf(report.inputs),
    markedBad: result.exitCode === 4 && blamesVersion(report.rollback?.code ?? ''),
    why: result.exitCode === 0 ? [] : [result.why, ...(result.hint === null ? [] : [`hint: ${result.hint}`])],
    users: usersOf(attempt === null ? availability : attempt.availability),
    usersWhole: attempt === null ? null : usersOf(availability),
    data: report.backups.some((backup) => backup.proven) ? 'backup restored in scratch and proven equal' : null,
    proof: proofOf(report, attempt?.startedMs ?? null),
    left: [...report.leftovers],
    record: {
      path: `${result.report?.directory ?? folder.path}`,
      unsigned: result.report?.signed === true ? null : (result.report?.problem ?? 'unknown'),
    },
    verify: result.report?.signed === true ? verifyLines(folder, result) : [],
    byHand: folder.byHandPath,
    failedKind: failed?.kind ?? null,
  };
}

function packageOf(inputs: Json): string | null {
  const to = inputs !== null && typeof inputs === 'object' && 'to' in inputs ? inputs['to'] : null;
  return typeof to === 'object' && to !== null && 'path' in to ? String(to['path']) : null;
}

function usersOf(availability: ReportDocument['availability']): SummaryInput['users'] {
  if (availability === null) return null;
  const { downtimeMs, outages, holes, requests, failures } = availability;
  return {
    downMs: downtimeMs,
    downFromMs: outages[0]?.fromMs ?? null,
    downToMs: outages.at(-1)?.toMs ?? null,
    unseenMs: (holes ?? []).reduce((sum, hole) => sum + hole.toMs - hole.fromMs, 0),
    probes: requests,
    probesFailed: failures,
    streamsCut: null,
  };
}

/** The last answer of every check that was asked on the way back, in the attempt that ended the run. */
function proofOf(report: ReportDocument, attemptMs: number | null): string | null {
  const back = report.timeline.filter((entry) => entry.what === 'check' && entry.way === 'back');
  const own = back.filter((entry) => attemptMs === null || Date.parse(entry.startedAt) >= attemptMs);
  const last = [...new Map(own.map((entry) => [entry.step, entry])).values()];
  const whole = last.length === back.length ? '' : `; ${passedOf(back)} with what was asked before`;
  if (last.length > 0) return `${passedOf(last)} against the baseline of ${report.release.from ?? 'the old version'}${whole}`;
  if (back.length > 0) return `nothing was asked in this attempt; ${passedOf(back)} before`;
  const { passed, warned, failed, inconclusive } = report.counts;
  const asked = passed + warned + failed + inconclusive;
  return asked === 0 ? null : `${passed}/${asked} checks passed`;
}

const passedOf = (entries: readonly TimelineEntry[]): string =>
  `${entries.filter(({ status }) => status === 'pass').length}/${entries.length}`;

/** What a third party types, with their own trust file; beside a report no key is ever trusted. */
function verifyLines(folder: RunFolder, result: RunResult): readonly string[] {
  const { signing } = folder.plan().target;
  const directory = result.report?.directory ?? '';
  return [
    `cd ${directory} && ssh-keygen -Y verify -f ${signing?.allowedSigners ?? 'allowed_signers'} -I ${signing?.identity ?? 'IDENTITY'} -n routerctl-report@v1 -s SHA256SUMS.sig < SHA256SUMS`,
    `cd ${directory} && sha256sum -c SHA256SUMS`,
  ];
}
