// `routerctl run show`: one run, as its report tells it, or as far as it has come.
import { Args } from '@oclif/core';
import { showRun } from '../../app/show-run.js';
import { untoldOf } from '../../app/untold.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { terminalColumns } from '../../cli/print.js';
import { openShell } from '../../cli/wiring.js';
import type { Json } from '../../core/json.js';
import { renderSnapshot } from '../../ui/run-snapshot.js';
import { runView } from '../../ui/run-view.js';
import { styleFor } from '../../ui/style.js';

export default class RunShow extends BaseCommand {
  static override summary = 'Show one run: its report, or where it stands.';
  static override description = 'EXIT STATUS\n  0  shown\n  2  no such run\n  5  its journal cannot be trusted';
  static override examples = ['<%= config.bin %> run show 7k2m', '<%= config.bin %> run show 7k2m --json'];
  static override args = { run: Args.string({ description: 'id of the run, or the beginning or end of one', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(RunShow);
    const shell = await openShell();
    const shown = await showRun(shell, args.run);
    const { folder, plan, events, standing } = shown;
    const { failed, open } = untoldOf(shell, folder);
    const untold = [...failed, ...open].map((line) => ` notify: ${line}`);
    if (shown.report !== null)
      return { exitCode: 0, text: [...shown.report.text, ...untold], json: shown.report.report as unknown as Json };
    const { runId } = folder;
    const alone = standing === 'interrupted' || standing === 'awaits-guard';
    const view = runView(plan, events, { nowMs: shell.clock.nowMs(), runId, alone });
    const json = { runId, folder: folder.path, state: standing ?? folder.result()?.outcome ?? null, events: events as unknown as Json };
    const text = renderSnapshot(view, standing ?? 'ended', terminalColumns(process.stdout), styleFor(process.env, process.stdout.isTTY));
    return { exitCode: 0, text: [...text, ...untold], json };
  }
}
