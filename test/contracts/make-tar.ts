// Tar archives made byte by byte, so that a test can write what no decent tool would.
import { gzipSync } from 'node:zlib';

export interface TarEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** ustar type flag: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 directory, 6 fifo. */
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
}

const block = 512;

export function makeTar(entries: readonly TarEntry[], options: { readonly end?: boolean } = {}): Buffer {
  const parts = entries.flatMap(({ path, content = '', type = '0', link = '', mode = 0o644 }) => {
    const bytes = Buffer.from(content as string);
    const header = Buffer.alloc(block);
    header.write(path, 0, 100);
    header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((block - (bytes.length % block)) % block)];
  });
  return Buffer.concat(options.end === false ? parts : [...parts, Buffer.alloc(2 * block)]);
}

export const makeTarGz = (entries: readonly TarEntry[]): Buffer => gzipSync(makeTar(entries));
