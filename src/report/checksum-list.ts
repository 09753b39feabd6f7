// SHA256SUMS in the form that `sha256sum -c` reads: the one list that covers every file of a report.
import { createHash } from 'node:crypto';

export const sha256Hex = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export function checksumList(files: ReadonlyMap<string, Uint8Array>): string {
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bytes]) => `${sha256Hex(bytes)}  ${name}\n`)
    .join('');
}

/** name -> digest, or what is wrong. Names are plain file names: a list must not send a reader elsewhere. */
export function parseChecksumList(text: string): ReadonlyMap<string, string> | string {
  const sums = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') return 'SHA256SUMS does not end with a line end';
  for (const [index, line] of lines.entries()) {
    const [, digest, name] = /^([0-9a-f]{64}) {2}([A-Za-z0-9][\w.-]*)$/.exec(line) ?? [];
    if (digest === undefined || name === undefined) return `SHA256SUMS line ${index + 1} is not "digest  name"`;
    if (sums.has(name)) return `SHA256SUMS names ${name} twice`;
    sums.set(name, digest);
  }
  return sums;
}
