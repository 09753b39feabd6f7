// `routerctl run continue`: one request to a run under way; the run reads it when it is safe.
import { Args, Flags } from '@oclif/core';
import { requestOf } from '../../app/request-run.js';
import { operator } from '../../app/run-order.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunContinue extends BaseCommand {
  static override summary = 'End the hold of a run: go on, red checks are asked again.';
  static override description = 'EXIT STATUS\n  0  the run was told\n  2  no such run\n  6  the run has ended or nobody drives it';
  static override examples = ['<%= config.bin %> run continue 7k2m --reason "errors in the dashboard"'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };
  static override flags = { reason: Flags.string({ description: 'why, for the record', default: 'go on' }) };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunContinue);
    const folder = await requestOf(await openShell(), args.run, 'resume', String(operator()['user']), flags.reason);
    return {
      exitCode: 0,
      text: [`told run ${folder.runId}: go on`, `watch it: routerctl run attach ${folder.runId}`],
      json: { runId: folder.runId, request: 'resume' },
    };
  }
}
