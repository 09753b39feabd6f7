// The files of this machine through node:fs. Reads and writes are one object, since both describe the same disk.
import { createHash } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import { access, chmod, copyFile, mkdir, open, readdir, readlink, realpath, rename, rm, stat, statfs, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { FileFacts, FileReads, FileWrites } from '../core/ports/files.js';
import { aside, errno, fileFailure, publishNew, statOrNull, sweep, syncDirectory, syncFile, taken, writeDurably } from './durable-file.js';
import { isNetworkFileSystem } from './network-file-system.js';

const defaultMaxBytes = 16 * 1024 * 1024;

export function filesNode(host = 'local'): FileReads & FileWrites {
  return { host, ...reads, ...writes };
}

/** Every failure of a method is told about its first argument, the path. */
function told<Rest extends unknown[], T>(way: 'read' | 'write', method: (path: string, ...rest: Rest) => Promise<T>) {
  return async (path: string, ...rest: Rest): Promise<T> => {
    try {
      return await method(path, ...rest);
    } catch (error) {
      throw fileFailure(error, path, way);
    }
  };
}

async function read(path: string, options: { readonly maxBytes?: number } = {}): Promise<Buffer> {
  const limit = options.maxBytes ?? defaultMaxBytes;
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > limit) throw new RouterctlError('FILE_TOO_LARGE', `${path} is ${size} bytes; at most ${limit} are read`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

const reads = {
  stat: told('read', async (path): Promise<FileFacts | null> => {
    const facts = await statOrNull(path);
    return facts === null ? null : describe(facts);
  }),
  read: told<[{ readonly maxBytes?: number }?], Uint8Array>('read', read),
  readText: told('read', async (path, options?: { readonly maxBytes?: number }) => (await read(path, options)).toString('utf8')),
  list: told('read', async (path): Promise<readonly string[]> => {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (errno(error) === 'ENOENT') return [];
      throw error;
    }
  }),
  readLink: told('read', async (path): Promise<string | null> => {
    const facts = await statOrNull(path);
    return facts?.isSymbolicLink() === true ? await readlink(path) : null;
  }),
  realPath: told('read', async (path): Promise<string | null> => {
    try {
      return await realpath(path);
    } catch (error) {
      if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return null;
      throw error;
    }
  }),
  sha256: told('read', async (path): Promise<string> => {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }),
  mayWrite: told('read', async (path) => {
    const existing = await nearestExisting(path);
    if (!(await stat(existing)).isDirectory()) return false;
    return await access(existing, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
  }),
  space: told('read', async (path) => {
    const existing = await nearestExisting(path);
    const [facts, { dev }] = await Promise.all([statfs(existing), stat(existing)]);
    // Some file systems (btrfs) make inodes as needed and report none at all.
    const freeInodes = facts.files === 0 ? Number.MAX_SAFE_INTEGER : facts.ffree;
    return { freeBytes: facts.bavail * facts.bsize, freeInodes, network: await isNetworkFileSystem(facts.type, dev), device: dev };
  }),
};

function describe(facts: Stats): FileFacts {
  return {
    kind: facts.isFile() ? 'file' : facts.isDirectory() ? 'directory' : facts.isSymbolicLink() ? 'link' : 'other',
    bytes: facts.size,
    mode: facts.mode & 0o7777,
    uid: facts.uid,
    gid: facts.gid,
    modifiedAtMs: facts.mtimeMs,
    changedAtMs: facts.ctimeMs,
    device: facts.dev,
    inode: facts.ino,
  };
}

async function nearestExisting(path: string): Promise<string> {
  for (let candidate = path; ; candidate = dirname(candidate)) {
    if ((await statOrNull(candidate)) !== null || candidate === dirname(candidate)) return candidate;
  }
}

type Access = { readonly mode?: number; readonly uid?: number; readonly gid?: number };

const writes = {
  replace: told('write', async (path, content: Uint8Array | string, options: Access = {}) => {
    const old = await statOrNull(path);
    if (old !== null && !old.isFile()) throw new RouterctlError('FILE_EXISTS', `${path} is not an ordinary file; it was not replaced`);
    const uid = options.uid ?? old?.uid;
    const gid = options.gid ?? old?.gid;
    const owner = uid === undefined || gid === undefined ? {} : { uid, gid };
    await writeDurably(path, content, { mode: options.mode ?? (old === null ? 0o600 : old.mode & 0o7777), ...owner });
  }),
  copyNew: async (from: string, to: string, options: { readonly mode?: number } = {}): Promise<void> => {
    try {
      await aside(to, async (temporary) => {
        if ((await statOrNull(to)) !== null) throw taken(to);
        await copyFile(from, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        await chmod(temporary, options.mode ?? (await stat(from)).mode & 0o7777);
        await syncFile(temporary);
        await publishNew(temporary, to);
      });
    } catch (error) {
      throw fileFailure(error, (await statOrNull(from)) === null ? from : to, 'write');
    }
  },
  makeDirectory: told('write', async (path, options: { readonly mode?: number } = {}) => {
    const first = await mkdir(path, { recursive: true, mode: options.mode ?? 0o755 });
    if (first === undefined) return;
    if (options.mode !== undefined) await chmod(path, options.mode);
    for (let made = path; ; made = dirname(made)) {
      await syncDirectory(dirname(made));
      if (made === first || made === dirname(made)) return;
    }
  }),
  pointLink: told('write', async (path, to: string) => {
    const old = await statOrNull(path);
    if (old !== null && !old.isSymbolicLink())
      throw new RouterctlError('FILE_EXISTS', `${path} is not a symbolic link; it was not replaced`);
    await aside(path, async (temporary) => {
      await symlink(to, temporary);
      await rename(temporary, path);
      await syncDirectory(dirname(path));
    });
  }),
  move: told('write', async (from, to: string) => {
    const [source, goal] = await Promise.all([statOrNull(from), statOrNull(to)]);
    if (source !== null && goal !== null) throw taken(to);
    // A killed call may have moved it already; then only the sync is missing.
    if (source !== null || goal === null) await rename(from, to);
    await syncDirectory(dirname(to));
    if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from)).catch(ignoreMissing);
  }),
  remove: told('write', async (path) => {
    await sweep(path);
    await rm(path, { recursive: true, force: true });
    await syncDirectory(dirname(path)).catch(ignoreMissing);
  }),
};

function ignoreMissing(error: unknown): void {
  if (errno(error) !== 'ENOENT' && errno(error) !== 'ENOTDIR') throw error;
}
