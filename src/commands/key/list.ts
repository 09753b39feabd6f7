// `routerctl key list`: which signing keys lie here, and whether they are safe.
import { Args } from '@oclif/core';
import { listKeys } from '../../app/list-keys.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { keyDirectory, reportTools } from '../../cli/report-tools.js';
import { terminalText } from '../../core/terminal-text.js';

export default class KeyList extends BaseCommand {
  static override summary = 'List signing keys with their fingerprints.';
  static override description =
    'Fingerprints come from the public half beside each key, so no passphrase is asked for.\n\nEXIT STATUS\n  0  listed, also when there is none\n  2  wrong usage';
  static override examples = ['<%= config.bin %> key list', '<%= config.bin %> key list ./keys --json'];
  static override args = { directory: Args.string({ description: 'directory to look in (default: that of key generate)' }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(KeyList);
    const directory = args.directory ?? keyDirectory();
    const found = await listKeys(reportTools().keys, directory);
    const lines = found.map(({ path, fingerprint, type, identity, encrypted, unsafe }) => {
      const state = [encrypted ? 'encrypted' : 'not encrypted', ...(unsafe ? ['UNSAFE: others can read it (chmod 600)'] : [])].join(', ');
      return `${path}  ${type ?? 'public half missing'}  ${fingerprint ?? '-'}  ${identity ?? '-'}  ${state}`;
    });
    const text = lines.length === 0 ? [`no keys in ${directory}; make one with: routerctl key generate`] : lines;
    return { exitCode: 0, text: text.map((line) => terminalText(line)), json: { directory, keys: found.map((key) => ({ ...key })) } };
  }
}
