// Packs and unpacks our packages; what is written is a tar.gz whose bytes depend on its entries alone: sorted, one fixed time, no owner. The only file of the router that knows the tar package.
import { mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { extract, Header } from 'tar';

export interface TarFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly executable: boolean;
}

/** What a tar is made of. */
export const tarBlockBytes = 512;

export function writeTarGz(files: readonly TarFile[], time: Date): Buffer {
  const directories = new Set<string>();
  for (const { path } of files)
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) directories.add(path.slice(0, at + 1));
  const entries = [
    ...[...directories].map((path) => ({ path, blocks: [tarHeader(path, 'Directory', 0, 0o755, time)] })),
    ...files.map(({ path, bytes, executable }) => ({
      path,
      blocks: [
        tarHeader(path, 'File', bytes.length, executable ? 0o755 : 0o644, time),
        bytes,
        Buffer.alloc(-bytes.length & (tarBlockBytes - 1)),
      ],
    })),
  ].sort((left, right) => (left.path < right.path ? -1 : 1));
  return gzipSync(Buffer.concat([...entries.flatMap(({ blocks }) => blocks), Buffer.alloc(2 * tarBlockBytes)]), { level: 5 });
}

export function tarHeader(path: string, type: 'File' | 'Directory', size: number, mode: number, mtime: Date): Buffer {
  const block = Buffer.alloc(tarBlockBytes);
  const entry = new Header({ path, type, size, mode, mtime, uid: 0, gid: 0, uname: '', gname: '' });
  if (entry.encode(block, 0)) throw new Error(`the path ${path} is too long for a plain tar header`);
  return block;
}

/** Unpacks one of our own archives without its root directory; routerctl's own unpacking, which trusts nothing, is elsewhere. */
export function unpackTarGz(file: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  extract({ file, cwd: directory, strip: 1, sync: true });
}
