// `routerctl run keep`: one request to a run under way; the run reads it when it is safe.
import { Args, Flags } from '@oclif/core';
import { requestOf } from '../../app/request-run.js';
import { operator } from '../../app/run-order.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunKeep extends BaseCommand {
  static override summary = 'End the hold of a run and keep what is there, although it is not proven.';
  static override description = 'EXIT STATUS\n  0  the run was told\n  2  no such run\n  6  the run has ended or nobody drives it';
  static override examples = ['<%= config.bin %> run keep 7k2m --reason "errors in the dashboard"'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };
  static override flags = { reason: Flags.string({ description: 'why, for the record', default: 'keep it' }) };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunKeep);
    const folder = await requestOf(await openShell(), args.run, 'keep', String(operator()['user']), flags.reason);
    return {
      exitCode: 0,
      text: [`told run ${folder.runId}: keep it`, `watch it: routerctl run attach ${folder.runId}`],
      json: { runId: folder.runId, request: 'keep' },
    };
  }
}
