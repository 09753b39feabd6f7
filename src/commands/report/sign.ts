// `routerctl report sign`: the signature that was missing when the report was written.
import { Args, Flags } from '@oclif/core';
import { locateReport } from '../../app/locate-report.js';
import { signRunReport } from '../../app/sign-run-report.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { reportTools } from '../../cli/report-tools.js';
import { runShell } from '../../cli/run-shell.js';
import { terminalText } from '../../core/terminal-text.js';

export default class ReportSign extends BaseCommand {
  static override summary = 'Sign a report that could not be signed when it was written.';
  static override description =
    'Uses the key that the target names, or the one given. The report is scanned for secrets first and verified afterwards.\n\nEXIT STATUS\n  0  signed\n  2  no such report, run or key; wrong passphrase\n  3  the result would not verify\n  6  the key can be read by others, is revoked, or a secret cannot be read\n  8  the report looks as if it held a secret; nothing was signed';
  static override examples = [
    '<%= config.bin %> report sign 7k2m',
    '<%= config.bin %> report sign ./report --key release.pem --identity release@acme.test --allowed-signers allowed_signers',
  ];
  static override args = { report: Args.string({ description: 'run id, run folder or report folder', required: true }) };
  static override flags = {
    key: Flags.string({ description: 'private key file (default: that of the target)', dependsOn: ['identity', 'allowed-signers'] }),
    identity: Flags.string({ description: 'who signs, as the allowed signers name it' }),
    'allowed-signers': Flags.string({ description: 'file with those whose signatures count' }),
    revoked: Flags.string({ description: 'file with keys that no longer count' }),
    passphrase: Flags.string({ description: 'reference of the passphrase: env:NAME, file:path or command:["argv"]' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(ReportSign);
    const shell = await runShell();
    const tools = reportTools(shell.redactor);
    const directory = await locateReport(tools.files, args.report, async () => shell.folders);
    const { key, identity, revoked, passphrase } = flags;
    const allowedSigners = flags['allowed-signers'];
    const given =
      key === undefined || identity === undefined || allowedSigners === undefined
        ? null
        : { key, identity, allowedSigners, revoked, passphrase };
    const signed = await signRunReport(shell, tools, directory, given);
    return { exitCode: 0, text: [terminalText(`signed: ${signed}`)], json: { directory: signed, signed: true } };
  }
}
