// `routerctl run exec`: the process that executes a run. Started by other commands; a person uses `upgrade` or `resume`.
import { Args, Flags } from '@oclif/core';
import { executeRun } from '../../app/execute-run.js';
import type { CommandResult } from '../../cli/base-command.js';
import { RunProcessCommand } from '../../cli/run-process-command.js';
import { openShell } from '../../cli/wiring.js';
import type { ExitCode } from '../../core/exit-code.js';

export default class RunExec extends RunProcessCommand {
  static override hidden = true;
  static override summary = 'Execute a run from its folder (started by upgrade, resume and rollback).';
  static override description = 'EXIT STATUS\n  the exit code of the run';
  static override examples = ['<%= config.bin %> run exec /srv/router/.routerctl/runs/20260101-020000-7k2m --by resume'];
  static override args = { folder: Args.string({ description: 'the folder of the run', required: true }) };
  static override flags = { by: Flags.option({ options: ['runner', 'resume', 'rollback'] as const, default: 'resume' as const })() };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(RunExec);
    const shell = await openShell();
    const result = await executeRun(shell, shell.folders.open(args.folder), {
      by: flags.by,
      reason: `routerctl run exec, pid ${process.pid}`,
    });
    await shell.close();
    return { exitCode: result.exitCode as ExitCode, text: [result.why], json: { outcome: result.outcome, why: result.why } };
  }
}
