// `routerctl run notifier`: the process that tells persons of a run. Started by the run itself.
import { Args } from '@oclif/core';
import { notifyRun } from '../../app/notify-run.js';
import type { CommandResult } from '../../cli/base-command.js';
import { RunProcessCommand } from '../../cli/run-process-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunNotifier extends RunProcessCommand {
  static override hidden = true;
  static override summary = 'Tell persons of a run by its notify hook (started by the run itself).';
  static override description = 'EXIT STATUS\n  0  the run has ended, or nobody drives it any more';
  static override examples = ['<%= config.bin %> run notifier /srv/router/.routerctl/runs/20260101-020000-7k2m'];
  static override args = { folder: Args.string({ description: 'the folder of the run', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(RunNotifier);
    const shell = await openShell();
    await notifyRun(shell, shell.folders.open(args.folder));
    await shell.close();
    return { exitCode: 0, text: [], json: null };
  }
}
