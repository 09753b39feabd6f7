// Packages read as tar archives, gzip-compressed or not, without unpacking them. A file that was walked to its end once is not
// walked whole again for each question, as long as it is the same file.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { RouterctlError } from '../core/errors.js';
import type { ArchiveEntry, ArchiveFinding, ArchiveReading, Archives } from '../core/ports/archives.js';
import { type EntryVisitor, walkTar } from './tar-walk.js';

const headBytes = 64;
const defaultTextBytes = 1024 * 1024;

interface Walked {
  readonly identity: string | null;
  readonly entries: Promise<readonly ArchiveEntry[]>;
  isWhole: boolean;
}

export function archivesTar(): Archives {
  const walked = new Map<string, Walked>();
  return {
    host: 'local',
    async list(path, options = {}) {
      const identity = await identityOf(path);
      const key = keyOf(path, options);
      const known = walked.get(key);
      if (known !== undefined && known.identity === identity) return known.entries;
      const walk: Walked = { identity, entries: entriesOf(path, options), isWhole: false };
      walked.set(key, walk);
      try {
        const entries = await walk.entries;
        walk.isWhole = identity !== null && identity === (await identityOf(path));
        return entries;
      } finally {
        if (!walk.isWhole && walked.get(key) === walk) walked.delete(key);
      }
    },
    async readText(path, wanted, options = {}) {
      const limit = options.maxBytes ?? defaultTextBytes;
      const identity = await identityOf(path);
      const known = walked.get(keyOf(path, options));
      const isLast = identity !== null && known?.isWhole === true && known.identity === identity;
      let chunks: Uint8Array[] | null = null;
      const visit = (entry: ArchiveEntry): EntryVisitor | undefined => {
        if (entry.path !== wanted || entry.kind !== 'file') return undefined;
        if (entry.bytes > limit)
          throw new RouterctlError('FILE_TOO_LARGE', `${path}: ${wanted} is ${entry.bytes} bytes, more than ${limit}`);
        const own: Uint8Array[] = [];
        chunks = own;
        return { chunk: (bytes) => void own.push(Uint8Array.from(bytes)), isLast };
      };
      await walkTar(path, visit, options);
      if (chunks === null) throw new RouterctlError('FILE_MISSING', `${path} holds no ${wanted}`);
      return Buffer.concat(chunks).toString('utf8');
    },
    async examine(path, visit, options = {}) {
      const findings: ArchiveFinding[] = [];
      const examined = (entry: ArchiveEntry): EntryVisitor | undefined => {
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
      };
      await walkTar(path, examined, options);
      return findings;
    },
  };
}

const keyOf = (path: string, { links = 'refused' }: ArchiveReading): string => `${links} ${path}`;

async function entriesOf(path: string, options: ArchiveReading): Promise<readonly ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  await walkTar(path, (entry) => void entries.push(entry), options);
  return entries;
}

/** Nobody can change a file and keep its change time; null lets the walk itself say what is wrong. */
async function identityOf(path: string): Promise<string | null> {
  const facts = await stat(path, { bigint: true }).catch(() => null);
  return facts === null ? null : [facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(':');
}
