// `routerctl playbook schema`: JSON Schema for editors.
import { Flags } from '@oclif/core';
import { editorSchema } from '../../app/playbook-schema.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { loadCatalogue } from '../../cli/catalogue.js';
import { playbookShelf } from '../../cli/playbook-shelf.js';

export default class PlaybookSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of playbooks, of profiles or of routerctl.yaml.';
  static override description = [
    'Save it and name it in the first line of a file: # yaml-language-server: $schema=FILE',
    '',
    'EXIT STATUS',
    '  0  printed',
    '  2  wrong usage',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> playbook schema > playbook.schema.json',
    '<%= config.bin %> playbook schema --for config > config.schema.json',
  ];
  static override flags = {
    for: Flags.string({ description: 'what the schema describes', options: ['playbook', 'config', 'profile'], default: 'playbook' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(PlaybookSchema);
    const name = flags.for === 'config' || flags.for === 'profile' ? flags.for : 'playbook';
    const schema = await editorSchema(playbookShelf(process.cwd()), name, await loadCatalogue());
    return { exitCode: 0, text: [JSON.stringify(schema, null, 2)], json: schema };
  }
}
