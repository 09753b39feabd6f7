// `routerctl playbook lint`: every error of every file at once.
import { Args } from '@oclif/core';
import { lintPlaybooks } from '../../app/lint-playbook.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { loadCatalogue } from '../../cli/catalogue.js';
import { playbookShelf } from '../../cli/playbook-shelf.js';

export default class PlaybookLint extends BaseCommand {
  static override summary = 'Check playbook and suite files; print every error with its line.';
  static override description =
    'Checks language, kinds, references, expressions and inputs without touching any target.\n\nEXIT STATUS\n  0  every file is clean\n  2  wrong usage, no such file, or at least one error';
  static override examples = [
    '<%= config.bin %> playbook lint ./ours.yaml',
    '<%= config.bin %> playbook lint process-upgrade ./suites/ours.yaml',
  ];
  static override strict = false;
  static override args = {
    playbook: Args.string({ description: 'name of a shipped playbook, or path of a file; several may be given', required: true }),
  };

  protected async perform(): Promise<CommandResult> {
    const { argv } = await this.parse(PlaybookLint);
    const result = await lintPlaybooks(playbookShelf(process.cwd()), argv.map(String), await loadCatalogue());
    return { exitCode: result.clean ? 0 : 2, text: result.text, json: result.json };
  }
}
