// `routerctl resume`: finish, or take back, a run whose process died.
import { Args, Flags } from '@oclif/core';
import { resumeRun } from '../app/resume-run.js';
import { operator } from '../app/run-order.js';
import { BaseCommand, type CommandResult } from '../cli/base-command.js';
import { runSummary } from '../cli/run-summary.js';
import { viewRun } from '../cli/view-run.js';
import { openShell } from '../cli/wiring.js';

export default class Resume extends BaseCommand {
  static override summary = 'Finish a run whose process died: what is in doubt is inspected, then the run goes on, or back.';
  static override description = `Needs no config: everything is in the run's own folder.

EXIT STATUS
  0  the run was finished
  2  no such run
  4  the run was rolled back; the old state was verified
  5  a person is needed; the message says what to type
  6  refused: somebody drives the run, it has ended, or another routerctl began it
  9  kept although something required did not pass`;
  static override examples = ['<%= config.bin %> resume 7k2m', '<%= config.bin %> resume 7k2m --roll-back'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };
  static override flags = {
    'roll-back': Flags.boolean({ description: 'take the run back instead of finishing it' }),
    'despite-version': Flags.boolean({ description: 'go on although another routerctl version began the run' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Resume);
    const shell = await openShell();
    const started = await resumeRun(shell, args.run, {
      rollBack: flags['roll-back'],
      despiteVersion: flags['despite-version'],
      by: String(operator()['user']),
    });
    return runSummary(shell, started.folder, await viewRun(shell, started, flags));
  }
}
