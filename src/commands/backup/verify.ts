// `routerctl backup verify`: can this backup be restored, with the key that a person has?

import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { locateBackup } from '../../app/list-backups.js';
import { verifyBackup } from '../../app/verify-backup.js';
import { backupDirectory, backupTools } from '../../cli/backup-tools.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import type { Json } from '../../core/json.js';
import { terminalText } from '../../core/terminal-text.js';

export default class BackupVerify extends BaseCommand {
  static override summary = 'Prove a backup by restoring it into scratch.';
  static override description =
    'Decrypts every item with your key, compares the digests, opens each database from a scratch file, runs its integrity check, and compares schema, row counts and newest row with the facts of the same snapshot. The scratch directory lies beside the backup, mode 0700, and is removed.\n\nEXIT STATUS\n  0  everything can be restored\n  2  wrong usage, or no such backup\n  3  something cannot be restored; each finding is printed\n  6  the identity file cannot be read, or can be read by others; or there is no room';
  static override examples = [
    '<%= config.bin %> backup verify 20261120T020000Z-7k2m-router --identity ~/backup-key.txt',
    '<%= config.bin %> backup verify ./backups/20261120T020000Z-7k2m-router --identity backup-key.txt --json',
  ];
  static override args = { backup: Args.string({ description: 'id of a backup, or its directory', required: true }) };
  static override flags = {
    directory: Flags.string({ description: 'where the backups lie (default: backup.directory of the target)' }),
    identity: Flags.string({ description: 'file with the age secret key, mode 0600', required: true }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(BackupVerify);
    const tools = backupTools();
    const place = args.backup.includes('/') ? null : await backupDirectory(flags);
    const backup = await locateBackup(tools.host.files, args.backup, place, process.cwd());
    const { problems, databases, restoreMs } = await verifyBackup(tools, backup, resolve(flags.identity));
    const rows = databases.map(({ name, rows: count, newest }) => `  ✓ ${name}: ${count} rows, newest ${newest ?? 'none'}`);
    const text =
      problems.length === 0
        ? [`VERIFIED: ${backup}`, ...rows, `  restored in ${restoreMs} ms`]
        : [`NOT RESTORABLE: ${backup}`, ...problems.map((problem) => `  ✗ ${problem}`)];
    const json = { backup, verified: problems.length === 0, problems, databases: databases as unknown as Json, restoreMs };
    return { exitCode: problems.length === 0 ? 0 : 3, text: text.map((line) => terminalText(line)), json };
  }
}
