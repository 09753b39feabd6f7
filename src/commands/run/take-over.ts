// `routerctl run take-over`: a second operator answers for a run that somebody else began.
import { Args } from '@oclif/core';
import { operator } from '../../app/run-order.js';
import { takeOverRun } from '../../app/take-over-run.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { printProgress } from '../../cli/print.js';
import { runSummary } from '../../cli/run-summary.js';
import { viewRun } from '../../cli/view-run.js';
import { openShell } from '../../cli/wiring.js';
import { personName } from '../../core/person-name.js';

export default class RunTakeOver extends BaseCommand {
  static override summary = 'Answer for a run that somebody else began: its screen, and your name in its report.';
  static override description =
    `A run that goes on is not disturbed; one whose process died is resumed. From then on this command stands for the run as
the one that began it did: without a terminal a signal makes the state safe first.

EXIT STATUS
  the exit code of the run; 0 after detaching; 2 no such run; 5 nobody drives it any more; 6 it has ended, or another
  routerctl began it`;
  static override examples = ['<%= config.bin %> run take-over 7k2m'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunTakeOver);
    const shell = await openShell();
    const taken = await takeOverRun(shell, args.run, personName(operator()));
    if (!flags.quiet) printProgress(`run ${taken.folder.runId} is yours; ${taken.from} answered for it until now`);
    return runSummary(shell, taken.folder, await viewRun(shell, taken, flags));
  }
}
