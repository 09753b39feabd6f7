// Brings the content of a backup back into an empty directory, checked byte for byte, for a person to put where it belongs.
// It never writes over a live file: which one to replace, and when, is not for a tool to guess.
import { basename, join } from 'node:path';
import { cipherName, type InnerItem } from '../core/backup-manifest.js';
import { cipherProblems, listProblems, readInnerManifest, readOpenManifest } from '../core/backup-proof.js';
import { RouterctlError } from '../core/errors.js';
import type { BackupTools } from './verify-backup.js';

export interface RestoredItem {
  readonly name: string;
  readonly path: string;
  /** Where it was when it was saved. */
  readonly source: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export async function restoreBackup(
  { host, secrets }: BackupTools,
  directory: string,
  identityFile: string,
  into: string,
): Promise<readonly RestoredItem[]> {
  const { acts, files } = host;
  const identity = await secrets.read(`file:${identityFile}`);
  const facts = await files.stat(into);
  if (facts !== null && (facts.kind !== 'directory' || (await files.list(into)).length > 0)) {
    throw new RouterctlError('FILE_EXISTS', `${into} is not an empty directory`, {
      hint: 'name a new directory; a restore never writes over files',
    });
  }
  const open = await readOpenManifest(directory, host);
  if (typeof open === 'string') throw damaged(directory, [open]);
  const problems = await cipherProblems(directory, open, host);
  const scratch = join(into, '.routerctl-restore');
  await acts.files.makeDirectory(scratch, { mode: 0o700 });
  try {
    const inner = await readInnerManifest({ directory, identity, scratch }, host);
    if (typeof inner === 'string')
      throw new RouterctlError('BACKUP_UNOPENABLE', `the backup cannot be opened: ${inner}`, {
        hint: 'use the identity of one of the recipients in routerctl.yaml',
      });
    if (problems.length > 0 || listProblems(open, inner).length > 0) throw damaged(directory, [...problems, ...listProblems(open, inner)]);
    const restored: RestoredItem[] = [];
    for (const item of inner.items) restored.push(await restoreItem(item, { directory, identity, scratch, into }, host));
    await acts.files.remove(scratch);
    return restored;
  } catch (error) {
    // Half a restore must not be taken for a whole one.
    for (const name of await files.list(into)) await acts.files.remove(join(into, name));
    throw error;
  }
}

const damaged = (directory: string, problems: readonly string[]): RouterctlError =>
  new RouterctlError('BACKUP_DAMAGED', `${directory} does not hold what its manifest says: ${problems[0] ?? ''}`, {
    details: problems,
    hint: 'use another backup: routerctl backup list',
  });

interface Places {
  readonly directory: string;
  readonly identity: string;
  readonly scratch: string;
  readonly into: string;
}

async function restoreItem(
  item: InnerItem,
  { directory, identity, scratch, into }: Places,
  { acts }: BackupTools['host'],
): Promise<RestoredItem> {
  const plain = join(scratch, item.name);
  const { plaintextSha256, bytes } = await acts.vault.decrypt(join(directory, cipherName(item.name)), plain, identity);
  if (plaintextSha256 !== item.sha256 || bytes !== item.bytes)
    throw damaged(directory, [`${item.name}: the content is not what was saved`]);
  const path = join(into, item.name, basename(item.source));
  await acts.files.makeDirectory(join(into, item.name), { mode: 0o700 });
  await acts.files.copyNew(plain, path, { mode: item.mode });
  await acts.files.remove(plain);
  const { name, source, mode, uid, gid } = item;
  return { name, path, source, mode, uid, gid };
}
