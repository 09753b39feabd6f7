// `routerctl report verify`: is this what a trusted signer signed, whole and unchanged?
import { Args, Flags } from '@oclif/core';
import { verifyReportFolder } from '../../app/verify-report.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { reportTools } from '../../cli/report-tools.js';
import { errorCatalogue } from '../../core/errors.js';
import { terminalText } from '../../core/terminal-text.js';

export default class ReportVerify extends BaseCommand {
  static override summary = 'Verify a report against your own list of trusted signers.';
  static override description =
    'Checks the signatures, the digest of every file, the journal chain, and that all of them speak of the same run. Trust comes from the files that you name; a key lying beside a report counts for nothing. The exit code tells of the report, not of the run: a rolled-back run verifies with 0.\n\nEXIT STATUS\n  0  signed by a trusted signer, whole and unchanged\n  2  wrong usage, or a file cannot be read\n  3  not to be trusted; the message says why\n  6  the signing key is revoked';
  static override examples = [
    '<%= config.bin %> report verify ./report --allowed-signers allowed_signers',
    '<%= config.bin %> report verify ./report --allowed-signers allowed_signers --identity release@acme.test --revoked revoked_keys',
  ];
  static override args = { directory: Args.string({ description: 'report folder', required: true }) };
  static override flags = {
    'allowed-signers': Flags.string({ description: 'file with those whose signatures count, in the format of OpenSSH', required: true }),
    identity: Flags.string({ description: 'who must have signed (default: anyone listed)' }),
    revoked: Flags.string({ description: 'file with keys that no longer count' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(ReportVerify);
    const { files } = reportTools();
    const verification = await verifyReportFolder(files, args.directory, {
      allowedSigners: flags['allowed-signers'],
      identity: flags.identity,
      revoked: flags.revoked,
    });
    const passed = verification.checked.map((line) => `  ✓ ${line}`);
    if (!verification.ok) {
      const { code, reason, checked } = verification;
      const text = [`NOT VERIFIED: ${reason}`, ...passed].map((line) => terminalText(line));
      return { exitCode: errorCatalogue[code].exit, text, json: { verified: false, code, reason, checked } };
    }
    const { identity, fingerprint, runId, verdictLine, checked, warnings } = verification;
    const text = [
      `VERIFIED: run ${runId}, signed by ${identity}`,
      `  ${verdictLine}`,
      ...passed,
      ...warnings.map((warning) => `  ! ${warning}`),
    ].map((line) => terminalText(line));
    return {
      exitCode: 0,
      text,
      json: { verified: true, identity, fingerprint, runId, verdictLine, runExitCode: verification.exitCode, checked, warnings },
    };
  }
}
