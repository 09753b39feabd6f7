// `routerctl backup restore`: the content of a backup in an empty directory, for a person to put where it belongs.

import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { locateBackup } from '../../app/list-backups.js';
import { type RestoredItem, restoreBackup } from '../../app/restore-backup.js';
import { backupDirectory, backupTools } from '../../cli/backup-tools.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import type { Json } from '../../core/json.js';
import { terminalText } from '../../core/terminal-text.js';

export default class BackupRestore extends BaseCommand {
  static override summary = 'Decrypt a backup into an empty directory.';
  static override description =
    'Checks every digest on the way and prints where each file was when it was saved. It never writes over live files: stop the service and copy them yourself. What comes out is plain; remove it when you are done. Without routerctl the same is: age -d -i KEY config.age\n\nEXIT STATUS\n  0  restored and checked\n  2  wrong usage, no such backup, or the directory is not empty\n  3  the backup is damaged or cannot be opened; nothing was left in the directory\n  6  the identity file cannot be read, or can be read by others; or there is no room';
  static override examples = [
    '<%= config.bin %> backup restore 20261120T020000Z-7k2m-router --identity ~/backup-key.txt --into ./restored',
    '<%= config.bin %> backup restore ./backups/20261120T020000Z-7k2m-router --identity backup-key.txt --into /root/restored',
  ];
  static override args = { backup: Args.string({ description: 'id of a backup, or its directory', required: true }) };
  static override flags = {
    directory: Flags.string({ description: 'where the backups lie (default: backup.directory of the target)' }),
    identity: Flags.string({ description: 'file with the age secret key, mode 0600', required: true }),
    into: Flags.string({ description: 'directory that does not exist yet, or is empty', required: true }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(BackupRestore);
    const tools = backupTools();
    const place = args.backup.includes('/') ? null : await backupDirectory(flags);
    const backup = await locateBackup(tools.host.files, args.backup, place, process.cwd());
    const items = await restoreBackup(tools, backup, resolve(flags.identity), resolve(flags.into));
    const text = [`RESTORED ${items.length} items of ${backup}`, ...items.map(line), '  nothing live was touched; these files are plain'];
    return { exitCode: 0, text: text.map((each) => terminalText(each)), json: { backup, items: items as unknown as Json } };
  }
}

const line = ({ path, source, mode, uid, gid }: RestoredItem): string =>
  `  ✓ ${path}  (was ${source}, mode ${mode.toString(8)}, owner ${uid}:${gid})`;
