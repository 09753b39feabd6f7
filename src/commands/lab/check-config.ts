// `routerctl lab check-config`: everything that is wrong with a config file of the reference router, before a start or a reload meets it.
import { Args } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand } from '../../cli/lab-command.js';

export default class LabCheckConfig extends LabCommand {
  static override summary = 'check a config file of the reference router';
  static override description =
    `Prints every finding with file, line and column. Warns of files that every user of the machine may read or change, and of
administrators whose password hash is not in the environment. Nothing is started, and no provider is asked.

EXIT STATUS
  0  the config is valid; there may be warnings
  2  the file cannot be read, or at least one finding`;
  static override examples = ['<%= config.bin %> <%= command.id %> config.yaml', '<%= config.bin %> <%= command.id %> config.yaml --json'];
  static override args = { file: Args.string({ required: true, description: "the router's config file (YAML)" }) };

  protected override async practise(): Promise<CommandResult> {
    const { args } = await this.parse(LabCheckConfig);
    const { checkConfigFile } = await import('../../router/config/check-config-file.js');
    const { findings, warnings, digest } = checkConfigFile(args.file, process.env);
    const lines = [...findings, ...warnings.map((warning) => `warning: ${warning}`)];
    const summary = findings.length === 0 ? `${args.file} is valid` : `${args.file} is not valid`;
    const json = { valid: findings.length === 0, digest, findings: [...findings], warnings: [...warnings] };
    return { exitCode: findings.length === 0 ? 0 : 2, text: [...lines, summary], json };
  }
}
