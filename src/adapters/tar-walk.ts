// Reads a package entry by entry without writing anything, and refuses whatever a package must not hold. Owns `tar`, of which
// only the parser is used: node-tar's own extraction keeps setuid bits, follows options and overwrites duplicates.
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Header, Parser, type ReadEntry } from 'tar';
import { RouterctlError } from '../core/errors.js';
import type { ArchiveEntry, ArchiveReading } from '../core/ports/archives.js';

/** What a tar is made of. */
export const tarBlockBytes = 512;

const maxRatio = 100;
/** Below this much unpacked, the ratio says nothing: a few small files in padded blocks shrink a hundredfold. */
const ratioFloorBytes = 16 * 1024 * 1024;
const maxEntries = 200_000;
const maxMetaEntryBytes = 64 * 1024;

export interface EntryVisitor {
  /** Bytes of this entry, in order; absent for entries whose bytes do not matter. */
  readonly chunk?: (bytes: Uint8Array) => void;
  readonly end?: () => void;
  /** Nothing after this entry matters: for archives of which a whole walk is known to succeed. */
  readonly isLast?: boolean;
}

type Visit = (entry: ArchiveEntry) => EntryVisitor | undefined;

export interface Walk extends ArchiveReading {
  /** Awaited now and then: what visitors have begun and not ended may wait there. */
  readonly keepUp?: () => Promise<void>;
}

export async function walkTar(path: string, visit: Visit, { keepUp, links = 'refused' }: Walk = {}): Promise<void> {
  const rules = new EntryRules(path, links);
  let failure: Error | null = null;
  let sawEnd = false;
  let isEnough = false;
  const parser = new Parser({ strict: true, maxMetaEntrySize: maxMetaEntryBytes, maxDecompressionRatio: maxRatio });
  const guarded = (act: () => void): void => {
    try {
      if (failure === null) act();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  };
  parser.on('error', (error: Error) => (failure ??= error));
  parser.on('eof', () => (sawEnd = true));
  parser.on('ignoredEntry', (entry: ReadEntry) => guarded(() => rules.refuse(entry.path, 'has an oversized extended header')));
  parser.on('entry', (entry: ReadEntry) => {
    let visitor: EntryVisitor | undefined;
    guarded(() => (visitor = visit(rules.accept(entry))));
    entry.on('data', (bytes: Buffer) => guarded(() => visitor?.chunk?.(bytes)));
    entry.on('end', () => {
      guarded(() => visitor?.end?.());
      isEnough ||= visitor?.isLast === true;
    });
    entry.resume();
  });
  try {
    for await (const chunk of unpacked(path, rules)) {
      if (!sawEnd) parser.write(chunk);
      if (failure !== null || isEnough) break;
      await keepUp?.();
    }
    if (failure === null && !sawEnd && !isEnough) parser.end();
  } catch (error) {
    failure ??= error instanceof Error ? error : new Error(String(error));
  }
  if (failure !== null) throw readable(failure, path);
  if (!sawEnd && !isEnough) throw new RouterctlError('PACKAGE_TRUNCATED', `${path} ends before the archive does`, { hint: fetchAgain });
}

const fetchAgain = 'Copy or download the package again and compare its digest with the published one.';

/** The block before the bytes of a plain file with a short name, for who sends an archive on in parts. */
export function tarFileHeader(path: string, bytes: number): Buffer {
  const block = Buffer.alloc(tarBlockBytes);
  const header = new Header({ path, type: 'File', size: bytes, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' });
  if (header.encode(block, 0)) throw new Error(`the path ${path} is too long for a plain tar header`);
  return block;
}

/** The tar bytes, gunzipped when they are compressed; compares what went in with what came out. */
async function* unpacked(path: string, rules: EntryRules): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  const { buffer: magic, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  const raw = file.createReadStream({ start: 0 });
  const compressed = magic[0] === 0x1f && magic[1] === 0x8b;
  const source: Readable = compressed ? pipeline(raw, createGunzip(), () => undefined) : raw;
  let outBytes = 0;
  try {
    if (bytesRead === 0) throw new RouterctlError('PACKAGE_TRUNCATED', `${path} is empty`, { hint: fetchAgain });
    for await (const piece of source) {
      const chunk = piece as Buffer;
      if (outBytes === 0 && !looksLikeTar(chunk))
        throw new RouterctlError('PACKAGE_UNREADABLE', `${path} is not a tar archive`, {
          hint: 'Is it the package, or an error page saved under its name?',
        });
      outBytes += chunk.length;
      if (compressed && outBytes > ratioFloorBytes && outBytes > raw.bytesRead * maxRatio) rules.bomb();
      yield chunk;
    }
  } finally {
    source.destroy();
    raw.destroy();
    await file.close();
  }
}

function looksLikeTar(chunk: Buffer): boolean {
  // A ustar magic, or an old header: a name that ends in zeros and an octal checksum.
  return (
    chunk.subarray(257, 262).toString('latin1') === 'ustar' ||
    (chunk.length >= 512 && /^[0-7 ]+\0? ?$/.test(chunk.subarray(148, 156).toString('latin1')))
  );
}

function readable(failure: Error, path: string): Error {
  if (failure instanceof RouterctlError) return failure;
  const code = String((failure as { code?: unknown }).code ?? '');
  if (code === 'ENOENT')
    return new RouterctlError('FILE_MISSING', `${path} does not exist`, { hint: 'give the path of a package file', cause: failure });
  if (code === 'EACCES' || code === 'EISDIR' || code === 'EPERM')
    return new RouterctlError('FILE_UNREADABLE', `${path} cannot be read (${code})`, {
      hint:
        code === 'EISDIR' ? 'it is a directory; name the package file in it' : 'run as a user who may read it, or have its mode changed',
      cause: failure,
    });
  if (code === 'Z_BUF_ERROR' || /Truncated input/.test(failure.message)) {
    return new RouterctlError('PACKAGE_TRUNCATED', `${path} ends in the middle`, { hint: fetchAgain, cause: failure });
  }
  return new RouterctlError('PACKAGE_UNREADABLE', `${path} cannot be read as an archive (${failure.message})`, {
    hint: fetchAgain,
    cause: failure,
  });
}

/** What a package may hold: files and directories below its own root, each once. */
class EntryRules {
  readonly #path: string;
  readonly #links: 'refused' | 'listed';
  readonly #files = new Set<string>();
  readonly #directories = new Set<string>();

  constructor(path: string, links: 'refused' | 'listed') {
    this.#path = path;
    this.#links = links;
  }

  accept(entry: ReadEntry): ArchiveEntry {
    const kind = this.#kindOf(entry);
    const path = this.#checkedName(entry.path);
    if (kind !== 'directory') {
      if (this.#files.has(path) || this.#directories.has(path)) this.refuse(path, 'is there twice');
      this.#files.add(path);
    } else this.#directories.add(path);
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash);
      if (this.#files.has(parent)) this.refuse(path, `lies below ${parent}, which is a file`);
      if (this.#directories.has(parent)) break;
      this.#directories.add(parent);
    }
    if (kind === 'directory' && this.#files.has(path)) this.refuse(path, 'is there twice');
    if (this.#files.size + this.#directories.size > maxEntries) this.refuse(path, `is one of more than ${maxEntries} entries`);
    const facts = { path, kind, bytes: entry.size, mode: (entry.mode ?? 0o644) & 0o7777 };
    return kind === 'link' ? { ...facts, leadsTo: this.#destination(entry, path) } : facts;
  }

  #kindOf({ type, path }: ReadEntry): 'file' | 'directory' | 'link' {
    if (type === 'Directory') return 'directory';
    if (type === 'File' || type === 'OldFile') return 'file';
    if (type !== 'Link' && type !== 'SymbolicLink') return this.refuse(path, `is a ${type}`);
    return this.#links === 'listed' ? 'link' : this.refuse(path, 'is a link');
  }

  /** A symbolic link counts from where it lies, a hard one from the archive's root. */
  #destination({ type, linkpath = '' }: ReadEntry, path: string): string {
    if (linkpath.startsWith('/')) this.refuse(path, 'is a link that leads outside');
    return this.#checkedName(posix.normalize(type === 'Link' ? linkpath : posix.join(posix.dirname(path), linkpath)));
  }

  #checkedName(name: string): string {
    const path = name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
    const parts = path.split('/');
    if (name.startsWith('/')) this.refuse(name, 'is an absolute path');
    if (parts.includes('..')) this.refuse(name, 'leads outside');
    if (/[\u0000-\u001f\u007f\\\ufffd]/.test(name) || parts.includes('.') || parts.includes('')) this.refuse(name, 'is not a plain path');
    return path;
  }

  refuse(entry: string, why: string): never {
    throw new RouterctlError('PACKAGE_UNSAFE', `${this.#path}: ${JSON.stringify(entry)} ${why}`, {
      hint: 'Do not use this package; a release holds plain files and directories only.',
    });
  }

  bomb(): never {
    throw new RouterctlError('PACKAGE_UNSAFE', `${this.#path} unpacks to more than ${maxRatio} times its size`, {
      hint: 'Do not use this package; this is how a decompression bomb looks.',
    });
  }
}
