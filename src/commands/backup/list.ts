// `routerctl backup list`: which backups there are, and when each was last proven.
import { Flags } from '@oclif/core';
import { type ListedBackup, listBackups } from '../../app/list-backups.js';
import { backupDirectory, backupTools } from '../../cli/backup-tools.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { RouterctlError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { terminalText } from '../../core/terminal-text.js';

export default class BackupList extends BaseCommand {
  static override summary = 'List backups, newest first.';
  static override description =
    'Shows id, time, size of the encrypted files, and when a restore proof last passed. Reads the manifests only; no key is needed.\n\nEXIT STATUS\n  0  listed; also when there is none\n  2  wrong usage, no config and no --directory, or a --directory that is not there';
  static override examples = ['<%= config.bin %> backup list', '<%= config.bin %> backup list --directory /var/backups/router --json'];
  static override flags = { directory: Flags.string({ description: 'where the backups lie (default: backup.directory of the target)' }) };

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(BackupList);
    const directory = await backupDirectory(flags);
    const { files } = backupTools().host;
    // A target that was never saved has no directory yet; one that was typed must be there.
    if (flags.directory !== undefined && (await files.stat(`${directory}/.`)) === null)
      throw new RouterctlError('FILE_MISSING', `${directory} is no directory that is there`, {
        hint: 'name the directory that holds the backups',
      });
    const backups = await listBackups(files, directory);
    const text = backups.length === 0 ? [`no backups in ${directory}`] : backups.map((backup) => line(backup));
    return { exitCode: 0, text: text.map((each) => terminalText(each)), json: { directory, backups: backups as unknown as Json } };
  }
}

function line({ id, createdAt, bytes, verifiedAt, problem }: ListedBackup): string {
  if (problem !== null) return `${id}  ! ${problem}`;
  return `${id}  ${createdAt ?? ''}  ${bytes} bytes  ${verifiedAt === null ? 'not verified' : `verified ${verifiedAt}`}`;
}
