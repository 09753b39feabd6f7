// `routerctl report build`: the report of a run, made (again) from its journal.
import { Args, Flags } from '@oclif/core';
import { rebuildReport } from '../../app/rebuild-report.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { reportTools } from '../../cli/report-tools.js';
import { runShell } from '../../cli/run-shell.js';
import { terminalText } from '../../core/terminal-text.js';

export default class ReportBuild extends BaseCommand {
  static override summary = 'Build the report of a run from its journal, also of a run that died.';
  static override description =
    'The same journal gives the same report. It is signed when the target names a key; a report that looks as if it held a secret is not signed.\n\nEXIT STATUS\n  0  built, and signed if the target says so\n  2  no such run\n  5  the journal is damaged\n  6  no room, or the folder cannot be written\n  8  built, but not signed; the message says why';
  static override examples = ['<%= config.bin %> report build 7k2m', '<%= config.bin %> report build 7k2m --out ./evidence'];
  static override args = { run: Args.string({ description: 'run id, or the unique beginning of one', required: true }) };
  static override flags = { out: Flags.string({ description: 'folder to write (default: report in the run folder)' }) };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(ReportBuild);
    const shell = await runShell();
    const { directory, signed, verdictLine, problem } = await rebuildReport(shell, reportTools(shell.redactor), args.run, flags.out);
    const notes =
      problem === undefined
        ? [signed ? 'signed' : 'not signed: the target names no key']
        : [problem.message, ...problem.details.map((line) => `  ${line}`), ...(problem.hint === null ? [] : [`hint: ${problem.hint}`])];
    return {
      exitCode: problem === undefined ? 0 : 8,
      text: [verdictLine, ...notes, directory].map((line) => terminalText(line)),
      json: { directory, signed, verdictLine, problem: problem === undefined ? null : { ...problem } },
    };
  }
}
