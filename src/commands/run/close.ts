// `routerctl run close`: the last word about a run whose journal cannot be believed, after a person has done its work by hand.
import { Args, Flags } from '@oclif/core';
import { closeRun } from '../../app/close-run.js';
import { operator } from '../../app/run-order.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunClose extends BaseCommand {
  static override summary = 'End a run whose journal is damaged, after you have brought the deployment back by hand.';
  static override description =
    `First follow the run's ROLLBACK.md and see for yourself that the router serves: routerctl smoke. Until the run is closed no
other one may change the deployment. A run whose journal is whole is not closed but finished: routerctl resume.

EXIT STATUS
  0  the run is closed; the next one may begin
  2  no such run, or no reason
  6  somebody drives the run, it has ended, or it can still be finished`;
  static override examples = ['<%= config.bin %> run close 7k2m --reason "followed ROLLBACK.md, 1.0.0 serves"'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };
  static override flags = { reason: Flags.string({ description: 'what you did and saw, for the record', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunClose);
    const { runId, path } = await closeRun(await openShell(), args.run, String(operator()['user']), flags.reason);
    return {
      exitCode: 0,
      text: [`closed run ${runId}; its folder is kept: ${path}`, 'see that the router serves: routerctl smoke'],
      json: { runId, outcome: 'closed' },
    };
  }
}
