// Packages read as tar archives, gzip-compressed or not, without unpacking them.
import { createHash } from 'node:crypto';
import { RouterctlError } from '../core/errors.js';
import type { ArchiveEntry, ArchiveFinding, Archives } from '../core/ports/archives.js';
import { walkTar } from './tar-walk.js';

const headBytes = 64;
const defaultTextBytes = 1024 * 1024;

export function archivesTar(): Archives {
  return {
    host: 'local',
    async list(path) {
      const entries: ArchiveEntry[] = [];
      await walkTar(path, (entry) => void entries.push(entry));
      return entries;
    },
    async readText(path, wanted, options = {}) {
      const limit = options.maxBytes ?? defaultTextBytes;
      let chunks: Uint8Array[] | null = null;
      await walkTar(path, (entry) => {
        if (entry.path !== wanted || entry.kind !== 'file') return undefined;
        if (entry.bytes > limit)
          throw new RouterctlError('FILE_TOO_LARGE', `${path}: ${wanted} is ${entry.bytes} bytes, more than ${limit}`);
        const own: Uint8Array[] = [];
        chunks = own;
        return { chunk: (bytes) => void own.push(Uint8Array.from(bytes)) };
      });
      if (chunks === null) throw new RouterctlError('FILE_MISSING', `${path} holds no ${wanted}`);
      return Buffer.concat(chunks).toString('utf8');
    },
    async examine(path, visit) {
      const findings: ArchiveFinding[] = [];
      await walkTar(path, (entry) => {
        if (entry.kind !== 'file') return undefined;
        const hash = createHash('sha256');
        let head = Buffer.alloc(0);
        return {
          chunk(bytes) {
            hash.update(bytes);
            if (head.length < headBytes) head = Buffer.concat([head, bytes.subarray(0, headBytes - head.length)]);
            visit?.(entry.path, bytes);
          },
          end: () => void findings.push({ path: entry.path, sha256: hash.digest('hex'), head }),
        };
      });
      return findings;
    },
  };
}
