// `routerctl check list`: which questions can be asked, and what each costs.
import { listChecks } from '../../app/list-checks.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { loadCatalogue } from '../../cli/catalogue.js';
import { styleFor } from '../../ui/style.js';
import { tableLines } from '../../ui/table.js';

export default class CheckList extends BaseCommand {
  static override summary = 'list the kinds of checks and what asking them costs';
  static override description = `Every kind of check that a playbook can name. With -v also why an operator wants to know.

EXIT STATUS
  0  the list was printed`;
  static override examples = ['<%= config.bin %> check list', '<%= config.bin %> check list --json'];

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(CheckList);
    const checks = listChecks(await loadCatalogue());
    const columns = [{ title: 'kind' }, { title: 'asks whether' }, { title: 'costs' }, ...(flags.verbose ? [{ title: 'why' }] : [])];
    const rows = checks.map(({ kind, title, costs, why }) => [kind, title, costs, ...(flags.verbose ? [why] : [])]);
    const text = tableLines(columns, rows, styleFor(process.env, process.stdout.isTTY === true));
    return { exitCode: 0, text, json: checks.map(({ kind, title, effects, why }) => ({ kind, title, effects, why })) };
  }
}
