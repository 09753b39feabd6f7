// `routerctl playbook list`: the shipped playbooks.
import { listPlaybooks } from '../../app/show-playbook.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { loadCatalogue } from '../../cli/catalogue.js';
import { playbookShelf } from '../../cli/playbook-shelf.js';

export default class PlaybookList extends BaseCommand {
  static override summary = 'List the shipped playbooks.';
  static override description =
    'Names and titles of the playbooks that come with routerctl.\n\nEXIT STATUS\n  0  listed\n  2  wrong usage, or a shipped playbook was damaged';
  static override examples = ['<%= config.bin %> playbook list', '<%= config.bin %> playbook list --json'];

  protected async perform(): Promise<CommandResult> {
    await this.parse(PlaybookList);
    return { exitCode: 0, ...(await listPlaybooks(playbookShelf(process.cwd()), await loadCatalogue())) };
  }
}
