// Report folders written aside and renamed into place. Between the two renames of a replacement no folder has the name: a crash
// there leaves the new one complete under its temporary name, and the next call writes it again.
import { lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { ReportFiles } from '../core/ports/report-files.js';
import { aside, errno, syncDirectory } from './durable-file.js';

const largestFolderBytes = 256 * 1024 * 1024;
const largestTextBytes = 4 * 1024 * 1024;

export function createReportFiles(): ReportFiles {
  return {
    async write(directory, files, { mode }) {
      await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
      await aside(directory, async (temporary) => {
        await fill(temporary, files, mode);
        await aside(directory, async (old) => {
          await rename(directory, old).catch(ignoreMissing);
          try {
            await rename(temporary, directory);
            await syncDirectory(dirname(directory));
          } finally {
            await rm(temporary, { recursive: true, force: true });
            await rm(old, { recursive: true, force: true });
          }
        });
      }).catch((error: unknown) => {
        throw errno(error) === 'ENOSPC'
          ? new RouterctlError('NO_ROOM', `no room for the report in ${dirname(directory)}`, { cause: error })
          : error;
      });
    },
    async read(directory) {
      const files = new Map<string, Uint8Array>();
      await collect(directory, '', files, { bytes: 0 });
      return files;
    },
    async readText(path) {
      const facts = await stat(path).catch((cause: unknown) => unreadable(path, cause));
      if (facts.size > largestTextBytes) throw new RouterctlError('FILE_TOO_LARGE', `${path} is larger than 4 MiB`);
      return readFile(path, 'utf8').catch((cause: unknown) => unreadable(path, cause));
    },
    exists: (path) =>
      lstat(path).then(
        () => true,
        () => false,
      ),
  };
}

async function fill(directory: string, files: ReadonlyMap<string, Uint8Array>, mode: number): Promise<void> {
  const directoryMode = mode === 0o600 ? 0o700 : 0o755;
  await mkdir(directory, { mode: directoryMode });
  const folders = new Set([directory]);
  try {
    for (const [name, content] of files) {
      const path = join(directory, name);
      await mkdir(dirname(path), { recursive: true, mode: directoryMode });
      folders.add(dirname(path));
      const file = await open(path, 'wx', mode);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    for (const folder of folders) await syncDirectory(folder);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function collect(root: string, below: string, files: Map<string, Uint8Array>, seen: { bytes: number }): Promise<void> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch((cause: unknown) => unreadable(root, cause));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await collect(root, name, files, seen);
    else if (!entry.isFile())
      throw new RouterctlError('FILE_UNREADABLE', `${join(root, name)} is a link or a device; a report holds plain files only`);
    else {
      const path = join(root, name);
      seen.bytes += (await stat(path)).size;
      if (seen.bytes > largestFolderBytes)
        throw new RouterctlError('FILE_TOO_LARGE', `${root} is larger than 256 MiB and is not read as a report`);
      files.set(name, await readFile(path).catch((cause: unknown) => unreadable(path, cause)));
    }
  }
}

function unreadable(path: string, cause: unknown): never {
  const missing = ['ENOENT', 'ENOTDIR'].includes(errno(cause));
  const hint = missing
    ? 'check the path: it counts from the directory that you are in'
    : errno(cause) === 'EISDIR'
      ? 'it is a directory; name a file'
      : 'run as a user who may read it, or have its mode changed';
  throw new RouterctlError(missing ? 'FILE_MISSING' : 'FILE_UNREADABLE', `${path} ${missing ? 'does not exist' : 'cannot be read'}`, {
    cause,
    hint,
  });
}

function ignoreMissing(error: unknown): void {
  if (errno(error) !== 'ENOENT') throw error;
}
