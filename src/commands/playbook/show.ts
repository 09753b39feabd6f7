// `routerctl playbook show`: inputs, phases and steps of one playbook.
import { Args } from '@oclif/core';
import { showPlaybook } from '../../app/show-playbook.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { loadCatalogue } from '../../cli/catalogue.js';
import { playbookShelf } from '../../cli/playbook-shelf.js';

export default class PlaybookShow extends BaseCommand {
  static override summary = 'Show the inputs, phases and steps of a playbook.';
  static override description =
    'Reads the playbook and its suites; no config and no target are needed.\n\nEXIT STATUS\n  0  shown\n  2  wrong usage, no such playbook, or an invalid one';
  static override examples = ['<%= config.bin %> playbook show process-upgrade', '<%= config.bin %> playbook show ./ours.yaml --json'];
  static override args = { playbook: Args.string({ description: 'name of a shipped playbook, or path of a file', required: true }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(PlaybookShow);
    return { exitCode: 0, ...(await showPlaybook(playbookShelf(process.cwd()), args.playbook, await loadCatalogue())) };
  }
}
