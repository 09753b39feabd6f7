// `routerctl run ticket`: text for the change ticket of a run.
import { Args, Flags } from '@oclif/core';
import { runTicket } from '../../app/run-ticket.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { runShell } from '../../cli/run-shell.js';
import type { Json } from '../../core/json.js';

const moments = ['plan', 'outcome', 'close'] as const;

export default class RunTicket extends BaseCommand {
  static override summary = 'Print the text for a change ticket: what was planned, how it went, why it may be closed.';
  static override description = `Short plain lines from the run's report, ready to be pasted.

EXIT STATUS
  0  printed
  2  no such run, or it has not ended yet`;
  static override examples = ['<%= config.bin %> run ticket 7k2m', '<%= config.bin %> run ticket 7k2m --at close'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };
  static override flags = {
    at: Flags.option({ options: moments, description: 'which moment of the change', default: 'outcome' as const })(),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunTicket);
    const ticket = await runTicket(await runShell(), args.run, flags.at);
    return { exitCode: 0, text: ticket.text, json: ticket as unknown as Json };
  }
}
