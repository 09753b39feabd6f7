// Executes a plan that only asks, in this process: progress on stderr, the answers as the result, and the parts of the report
// that were asked for.
import { observeRun } from '../app/observe-run.js';
import type { Shell } from '../app/shell.js';
import { RouterctlError } from '../core/errors.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import { wrap } from '../ui/display-width.js';
import { smokeRows, spentUsd } from '../ui/smoke-rows.js';
import { smokeLines } from '../ui/smoke-screen.js';
import { styleFor } from '../ui/style.js';
import type { CommandResult } from './base-command.js';
import type { ViewFlags } from './changing-command.js';
import { observeProgress } from './observe-progress.js';
import { type OutputFile, writeOutputs } from './output-files.js';
import { terminalColumns } from './print.js';

export interface ObserveRequest {
  readonly plan: Plan;
  readonly outputs: readonly OutputFile[];
  readonly changeRef: string | null;
  /** The state directory in which no record is kept, because it cannot be written. */
  readonly unrecorded?: string | null;
}

export async function observePlan(shell: Shell, request: ObserveRequest, flags: ViewFlags): Promise<CommandResult> {
  const { plan, outputs, changeRef, unrecorded = null } = request;
  if (plan.changing)
    throw new RouterctlError('USAGE', `the playbook ${plan.playbook.name} changes things; this command only asks`, {
      hint: `run it as a change: routerctl playbook run ${plan.playbook.name}`,
    });
  const startedMs = shell.clock.bootMs();
  const signals = abortedBySignals();
  const progress = observeProgress(plan, flags);
  try {
    const { folder, result, events } = await observeRun(shell, plan, {
      changeRef,
      stop: signals.stop,
      event: (event) => progress.event(event),
    });
    await progress.close();
    await writeOutputs(shell, outputs, result as unknown as Json);
    const rows = smokeRows(plan, events);
    const exitCode = result.exitCode as ExitCode;
    const spent = spentUsd(events);
    const took = shell.clock.bootMs() - startedMs;
    const style = styleFor(process.env, process.stdout.isTTY);
    const columns = terminalColumns(process.stdout);
    const text = smokeLines({ rows, spentUsd: spent, tookMs: took, exitCode, verbose: flags.verbose }, columns, style);
    const { outcome, why, report, hint } = result;
    const checks = rows.map(({ name, kind, severity, verdict }) => ({ name, kind, severity, ...verdict }));
    const json = {
      runId: folder.runId,
      exitCode,
      outcome,
      why,
      target: plan.target.name,
      checks,
      spentUsd: spent,
      report: unrecorded === null ? report : null,
    };
    const problem = `NOT signed: ${report?.problem ?? ''}${hint === null ? '' : `; ${hint}`}`;
    const unsigned = exitCode === 8 ? wrap(problem, columns - 2).map((part) => `  ${part}`) : [];
    const kept = report === null ? null : `report ${report.directory}`;
    const said = unrecorded === null ? kept : `no record is kept: this user cannot write in ${unrecorded}; to have one set ROUTERCTL_STATE`;
    const record = said === null ? [] : wrap(said, columns - 2).map((part) => `  ${part}`);
    return { exitCode, text: [...text, ...unsigned, ...record], json: json as unknown as Json };
  } finally {
    await progress.close();
    signals.forget();
    await shell.close();
  }
}

function abortedBySignals(): { readonly stop: AbortSignal; forget(): void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const abort = (name: NodeJS.Signals): void => controller.abort(name);
  for (const name of names) process.on(name, abort);
  return {
    stop: controller.signal,
    forget() {
      for (const name of names) process.off(name, abort);
    },
  };
}
