// `routerctl run guard`: the process that watches over a run. Started by the run itself.
import { Args } from '@oclif/core';
import { guardRun } from '../../app/guard-run.js';
import type { CommandResult } from '../../cli/base-command.js';
import { RunProcessCommand } from '../../cli/run-process-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunGuard extends RunProcessCommand {
  static override hidden = true;
  static override summary = 'Watch over a run and finish it when its process dies (started by the run itself).';
  static override description = 'EXIT STATUS\n  0  the run has ended';
  static override examples = ['<%= config.bin %> run guard /srv/router/.routerctl/runs/20260101-020000-7k2m'];
  static override args = { folder: Args.string({ description: 'the folder of the run', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(RunGuard);
    const shell = await openShell();
    await guardRun(shell, shell.folders.open(args.folder));
    await shell.close();
    return { exitCode: 0, text: [], json: null };
  }
}
