// `routerctl run hold`: one request to a run under way; the run reads it when it is safe.
import { Args, Flags } from '@oclif/core';
import { requestOf } from '../../app/request-run.js';
import { operator } from '../../app/run-order.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunHold extends BaseCommand {
  static override summary = 'Ask a run to stop before its next step and wait for a person.';
  static override description = 'EXIT STATUS\n  0  the run was told\n  2  no such run\n  6  the run has ended or nobody drives it';
  static override examples = ['<%= config.bin %> run hold 7k2m --reason "errors in the dashboard"'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };
  static override flags = { reason: Flags.string({ description: 'why, for the record', default: 'hold' }) };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunHold);
    const folder = await requestOf(await openShell(), args.run, 'hold', String(operator()['user']), flags.reason);
    return {
      exitCode: 0,
      text: [`told run ${folder.runId}: hold`, `watch it: routerctl run attach ${folder.runId}`],
      json: { runId: folder.runId, request: 'hold' },
    };
  }
}
