// `routerctl run probe`: the independent downtime prober of a run. Started by the run itself.
import { Args } from '@oclif/core';
import { probeRun } from '../../app/probe-run.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { openShell } from '../../cli/wiring.js';

export default class RunProbe extends BaseCommand {
  static override hidden = true;
  static override summary = 'Ask the router of a run every 50 ms whether it serves (started by the run itself).';
  static override description = 'EXIT STATUS\n  0  the run told it to end, or nobody drives the run any more';
  static override examples = ['<%= config.bin %> run probe /srv/router/.routerctl/runs/20260101-020000-7k2m'];
  static override args = { folder: Args.string({ description: 'the folder of the run', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(RunProbe);
    const shell = await openShell();
    await probeRun(shell, shell.folders.open(args.folder));
    await shell.close();
    return { exitCode: 0, text: [], json: null };
  }
}
