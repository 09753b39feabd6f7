// `routerctl run prove`: can the guard, in its own bare environment, read every secret that it would need?
import { Args } from '@oclif/core';
import { proveGuard } from '../../app/prove-guard.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunProve extends BaseCommand {
  static override hidden = true;
  static override summary = 'Read every secret of a run as its guard would (started by the run itself).';
  static override description = 'EXIT STATUS\n  0  everything can be read\n  6  a secret cannot be read here';
  static override examples = ['<%= config.bin %> run prove /srv/router/.routerctl/runs/20260101-020000-7k2m'];
  static override args = { folder: Args.string({ description: 'the folder of the run', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(RunProve);
    const shell = await openShell();
    const problems = await proveGuard(shell, shell.folders.open(args.folder));
    await shell.close();
    return { exitCode: problems.length === 0 ? 0 : 6, text: problems, json: [...problems] };
  }
}
