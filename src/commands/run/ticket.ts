// `routerctl run ticket`: text for the change ticket of a plan or of a run.
import { Args, Flags } from '@oclif/core';
import { runTicket } from '../../app/run-ticket.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { runShell } from '../../cli/run-shell.js';
import type { Json } from '../../core/json.js';

const moments = ['plan', 'outcome', 'close'] as const;

export default class RunTicket extends BaseCommand {
  static override summary = 'Print the text for a change ticket: what is planned, how it went, why it may be closed.';
  static override description =
    `Markdown that reads as plain lines too. A field that nobody recorded says "not known"; one that is empty says "none".
Of a plan before anything ran, of a run under way what was planned, of one that has ended all three. With --json each field is a
member of "fields", null where it is not known.

EXIT STATUS
  0  printed
  2  no such run or plan, or that moment has not come yet
  6  the approval beside the plan is not valid`;
  static override examples = [
    '<%= config.bin %> run ticket tonight.plan',
    '<%= config.bin %> run ticket 7k2m',
    '<%= config.bin %> run ticket 7k2m --at close',
  ];
  static override args = {
    run: Args.string({ description: 'id of the run, or the beginning or end of one; or a plan file', required: true }),
  };
  static override flags = {
    at: Flags.option({ options: moments, description: 'which moment of the change (default: plan for a plan, outcome for a run)' })(),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunTicket);
    const ticket = await runTicket(await runShell(), args.run, flags.at ?? null);
    return { exitCode: 0, text: ticket.text, json: ticket as unknown as Json };
  }
}
