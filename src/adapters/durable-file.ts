// The one way in which routerctl puts bytes on a disk: written aside, synced, renamed, directory synced.
// A kill leaves `.<name>.routerctl-tmp-<pid>-<random>`, which the next write of the same name sweeps away.
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, lstat, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import { procStat } from './proc.js';

const mark = '.routerctl-tmp-';
const inUse = new Set<string>();

/** Calls `write` with a free name beside `path`; whatever is left under it afterwards is removed. */
export async function aside<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  await sweep(path);
  const temporary = join(dirname(path), `.${basename(path)}${mark}${process.pid}-${randomBytes(6).toString('hex')}`);
  inUse.add(temporary);
  try {
    return await write(temporary);
  } finally {
    await rm(temporary, { force: true });
    inUse.delete(temporary);
  }
}

/** Removes what killed writers of this name left behind; a writer that still lives is left alone. */
export async function sweep(path: string): Promise<void> {
  const prefix = `.${basename(path)}${mark}`;
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(prefix))) {
    const full = join(dirname(path), name);
    if (!inUse.has(full) && !lives(Number(name.slice(prefix.length).split('-')[0]))) await rm(full, { force: true, recursive: true });
  }
}

/** A zombie writes no more, whoever has not reaped it. */
function lives(pid: number): boolean {
  return pid !== process.pid && Number.isInteger(pid) && pid > 0 && procStat(pid) !== null;
}

export async function writeDurably(
  path: string,
  content: Uint8Array | string,
  access: { mode: number; uid?: number; gid?: number },
): Promise<void> {
  await aside(path, async (temporary) => {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      if (access.uid !== undefined && access.gid !== undefined) await file.chown(access.uid, access.gid);
      await file.chmod(access.mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  });
}

/** Gives a synced temporary file its name; throws FILE_EXISTS when the name is taken. */
export async function publishNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (errno(error) === 'EEXIST') throw taken(path);
    throw error;
  }
  await unlink(temporary);
  await syncDirectory(dirname(path));
}

export const taken = (path: string): RouterctlError =>
  new RouterctlError('FILE_EXISTS', `${path} is already there`, { hint: 'move it away or choose another name; it was not touched' });

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function syncDirectory(path: string): Promise<void> {
  await syncFile(path);
}

export const statOrNull = async (path: string): Promise<Stats | null> => {
  try {
    return await lstat(path);
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return null;
    throw error;
  }
};

export const errno = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Node's error as the refusal that a person can act on; errors of ours and bugs pass unchanged. */
export function fileFailure(error: unknown, path: string, way: 'read' | 'write'): unknown {
  const cause = { cause: error };
  switch (errno(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new RouterctlError('FILE_MISSING', `${path} does not exist`, cause);
    case 'ENOSPC':
    case 'EDQUOT':
      return new RouterctlError('NO_ROOM', `no room left for ${path}`, {
        hint: 'free disk space or inodes, then run the same command again',
        ...cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      if (way === 'read')
        return new RouterctlError('FILE_UNREADABLE', `${path} cannot be read by this user`, {
          hint: 'run as a user who may read it, or have its mode changed',
          ...cause,
        });
      return new RouterctlError('STATE_UNWRITABLE', `${path} cannot be written by this user`, {
        hint: 'run as a user who may write there',
        ...cause,
      });
    case 'EISDIR':
    case 'EIO':
    case 'ELOOP':
      return new RouterctlError('FILE_UNREADABLE', `${path} cannot be ${way === 'read' ? 'read' : 'written'}: ${errno(error)}`, {
        hint: 'name a file that can be read, not a directory or a broken link',
        ...cause,
      });
    default:
      return error;
  }
}
