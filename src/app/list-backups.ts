// The backups of a directory with what is known of each: when it was made, how large it is, and when it was last restored.
import { basename, isAbsolute, join, resolve } from 'node:path';
import { manifestName, verifiedMark, verifiedName } from '../core/backup-manifest.js';
import { readOpenManifest } from '../core/backup-proof.js';
import { RouterctlError } from '../core/errors.js';
import type { FileReads } from '../core/ports/files.js';

export interface ListedBackup {
  readonly id: string;
  readonly directory: string;
  readonly createdAt: string | null;
  readonly component: string | null;
  readonly bytes: number;
  /** When a restore proof last passed; null when the mark is missing. */
  readonly verifiedAt: string | null;
  readonly keepUntil: string | null;
  /** Why it cannot be trusted at a glance; null when its manifest reads well. */
  readonly problem: string | null;
}

/** Newest first. Unfinished ones (`.partial`) are no backups. */
export async function listBackups(files: FileReads, directory: string): Promise<readonly ListedBackup[]> {
  const names = (await files.list(directory)).filter((name) => !name.startsWith('.') && !name.endsWith('.partial'));
  const found: ListedBackup[] = [];
  for (const name of names) {
    const path = join(directory, name);
    if ((await files.stat(path))?.kind === 'directory' && (await files.stat(join(path, manifestName))) !== null)
      found.push(await describe(files, path));
  }
  return found.sort((one, other) => (other.createdAt ?? '').localeCompare(one.createdAt ?? '') || one.id.localeCompare(other.id));
}

async function describe(files: FileReads, directory: string): Promise<ListedBackup> {
  const manifest = await readOpenManifest(directory, { files });
  const id = basename(directory);
  if (typeof manifest === 'string')
    return { id, directory, createdAt: null, component: null, bytes: 0, verifiedAt: null, keepUntil: null, problem: manifest };
  const bytes = manifest.entries.reduce((sum, entry) => sum + entry.bytes, manifest.inner.bytes);
  const { createdAt, component, keepUntil } = manifest;
  return { id, directory, createdAt, component, bytes, verifiedAt: await verifiedAt(files, directory), keepUntil, problem: null };
}

async function verifiedAt(files: FileReads, directory: string): Promise<string | null> {
  const path = join(directory, verifiedName);
  if ((await files.stat(path)) === null) return null;
  try {
    return verifiedMark.parse(JSON.parse(await files.readText(path))).verifiedAt;
  } catch {
    return null;
  }
}

/** The directory of a backup that is named by its id, or by its path. */
export async function locateBackup(files: FileReads, name: string, directory: string | null, workingDirectory: string): Promise<string> {
  const candidates = [
    ...(directory === null || name.includes('/') ? [] : [join(directory, name)]),
    isAbsolute(name) ? name : resolve(workingDirectory, name),
  ];
  for (const candidate of candidates) if ((await files.stat(join(candidate, manifestName))) !== null) return candidate;
  throw new RouterctlError('BACKUP_UNKNOWN', `there is no backup ${name}${directory === null ? '' : ` in ${directory}`}`, {
    hint: 'routerctl backup list shows the ids',
  });
}
