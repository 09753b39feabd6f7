// Builds what the backup commands need: files, databases and the vault of this machine, and where the backups of a target lie.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { clockNode } from '../adapters/clock-node.js';
import { databasesSqlite } from '../adapters/databases-sqlite.js';
import { filesNode } from '../adapters/files-node.js';
import { secretsNode } from '../adapters/secrets-node.js';
import { vaultAge } from '../adapters/vault-age.js';
import { loadTarget, userConfigPath } from '../app/load-target.js';
import type { BackupTools } from '../app/verify-backup.js';
import { RouterctlError } from '../core/errors.js';
import { playbookShelf } from './playbook-shelf.js';
import { processRedactor } from './process-redactor.js';

export function backupTools(): BackupTools {
  const redactor = processRedactor();
  const files = filesNode();
  const secrets = secretsNode({ redactor, baseDirectory: process.cwd(), environment: process.env });
  return { host: { files, databases: databasesSqlite(), acts: { files, vault: vaultAge(redactor) } }, clock: clockNode(), secrets };
}

export interface BackupPlace {
  /** Given on the command line; then no config is read. */
  readonly directory: string | undefined;
  readonly config: string | undefined;
  readonly target: string | undefined;
}

export async function backupDirectory({ directory, config, target: name }: BackupPlace): Promise<string> {
  if (directory !== undefined) return resolve(directory);
  const request = { config, target: name, userConfig: userConfigPath(process.env, homedir()) };
  const { target, configPath } = await loadTarget(playbookShelf(process.cwd()), request);
  if (target.backup !== undefined) return target.backup.directory;
  throw new RouterctlError('CONFIG_INVALID', `the target ${target.name} in ${configPath} has no \`backup\``, {
    hint: 'add `backup: { directory, recipients }`, or name the directory with --directory',
  });
}
