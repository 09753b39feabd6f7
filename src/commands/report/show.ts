// `routerctl report show`: the report of a run, again, on the terminal.
import { Args } from '@oclif/core';
import { locateReport } from '../../app/locate-report.js';
import { showReport } from '../../app/show-report.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { reportTools } from '../../cli/report-tools.js';
import { runShell } from '../../cli/run-shell.js';
import type { Json } from '../../core/json.js';

export default class ReportShow extends BaseCommand {
  static override summary = 'Show the report of a run.';
  static override description =
    'Prints what the report says. Showing is not verifying: see report verify.\n\nEXIT STATUS\n  0  shown\n  2  no such run or report\n  3  the file is not a report of this version';
  static override examples = ['<%= config.bin %> report show 7k2m', '<%= config.bin %> report show ./report --json'];
  static override args = { report: Args.string({ description: 'run id, run folder or report folder', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(ReportShow);
    const { files } = reportTools();
    const directory = await locateReport(files, args.report, async () => (await runShell()).folders);
    const { report, text } = await showReport(files, directory);
    return { exitCode: 0, text, json: report as unknown as Json };
  }
}
