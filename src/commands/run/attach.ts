// `routerctl run attach`: back to the screen of a run.
import { Args } from '@oclif/core';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { runSummary } from '../../cli/run-summary.js';
import { viewRun } from '../../cli/view-run.js';
import { openShell } from '../../cli/wiring.js';

export default class RunAttach extends BaseCommand {
  static override summary = 'Watch a run: the screen of its operator, from any terminal.';
  static override description =
    `Leaving it leaves the run alone: d on a terminal, a signal elsewhere. A run that has ended shows its last words.
To answer for a run that somebody else began, take it over: <%= config.bin %> run take-over.

EXIT STATUS
  the exit code of the run; 0 after detaching; 2 no such run; 5 nobody drives it any more`;
  static override examples = ['<%= config.bin %> run attach 7k2m'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunAttach);
    const shell = await openShell();
    const folder = shell.folders.find(args.run);
    return runSummary(shell, folder, await viewRun(shell, { folder, runner: null, afterSeq: -1 }, { ...flags, onSignal: 'leave' }));
  }
}
