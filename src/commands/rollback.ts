// `routerctl rollback`: take the newest upgrade of a target back, by its journal.
import { Args } from '@oclif/core';
import { folderToRollBack, refuseRollback, rollBackRun } from '../app/resume-run.js';
import { eventsOf } from '../app/run-events.js';
import type { Shell } from '../app/shell.js';
import type { CommandResult } from '../cli/base-command.js';
import { changeFlags } from '../cli/change-flags.js';
import { confirmChange } from '../cli/confirm-change.js';
import { runSummary } from '../cli/run-summary.js';
import { TargetCommand } from '../cli/target-command.js';
import { viewRun } from '../cli/view-run.js';
import { openShell } from '../cli/wiring.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import { versionsOf } from '../ui/run-versions.js';

export default class Rollback extends TargetCommand {
  static override summary = 'Take the newest upgrade back and prove that the old version serves as before.';
  static override description =
    `Window, approval and drift rules never refuse a rollback. A file that someone else changed meanwhile is not overwritten.

EXIT STATUS
  0  rolled back; the old state was verified
  2  wrong usage, no such run or target
  5  a person is needed; the message says what to type
  6  refused: a run is under way, or nothing is left to roll back`;
  static override examples = ['<%= config.bin %> rollback', '<%= config.bin %> rollback 7k2m -y'];
  static override args = { run: Args.string({ description: 'id of the run (default: the newest upgrade of the target)' }) };
  static override flags = { yes: changeFlags.yes };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Rollback);
    const { shell, target } = args.run === undefined ? await this.open(flags) : { shell: await openShell(), target: null };
    const folder = folderToRollBack(shell, target, args.run ?? null);
    if (!flags.yes) await refuseRollback(shell, folder);
    await confirmChange(folder.plan().target, question(shell, folder), flags.yes);
    const started = await rollBackRun(shell, folder);
    return runSummary(shell, started.folder, await viewRun(shell, started, flags));
  }
}

/** Which of several upgrades goes, and what serves afterwards, must not be guessed. */
function question(shell: Shell, folder: RunFolder): string {
  const plan = folder.plan();
  const { from, to } = versionsOf(plan, eventsOf(shell, folder), {});
  const versions = from === null ? '' : `${to === null ? '' : ` from ${to}`} to ${from}`;
  return `Roll ${plan.target.name} back${versions}, run ${folder.runId}?`;
}
