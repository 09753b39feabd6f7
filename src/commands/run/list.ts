// `routerctl run list`: the runs that this host knows, newest first.
import { listRuns } from '../../app/list-runs.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { openShell } from '../../cli/wiring.js';
import type { Json } from '../../core/json.js';
import { styleFor } from '../../ui/style.js';
import { tableLines } from '../../ui/table.js';

export default class RunList extends BaseCommand {
  static override summary = 'List the runs that this host knows, newest first.';
  static override description = 'EXIT STATUS\n  0  listed, also when there is none';
  static override examples = ['<%= config.bin %> run list', '<%= config.bin %> run list --json'];

  protected async perform(): Promise<CommandResult> {
    await this.parse(RunList);
    const runs = listRuns(await openShell());
    if (runs.length === 0) return { exitCode: 0, text: ['no runs yet'], json: [] };
    const columns = [
      { title: 'run' },
      { title: 'target' },
      { title: 'playbook' },
      { title: 'state' },
      { title: 'exit', align: 'right' as const },
    ];
    const rows = runs.map(({ runId, target, playbook, state, exitCode }) => [
      runId,
      target,
      playbook,
      state,
      exitCode === null ? '' : String(exitCode),
    ]);
    return { exitCode: 0, text: tableLines(columns, rows, styleFor(process.env, process.stdout.isTTY)), json: runs as unknown as Json };
  }
}
