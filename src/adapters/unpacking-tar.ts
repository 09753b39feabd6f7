// Writes a package's files below a fresh directory, exactly those of a manifest and nothing else, and makes them durable.
// Each file is created new, never through a link, and its digest is compared while it is written.
import { createHash } from 'node:crypto';
import { closeSync, constants, fchmodSync, fsync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { RouterctlError } from '../core/errors.js';
import type { ArchiveEntry, Unpacking } from '../core/ports/archives.js';
import { fileFailure } from './durable-file.js';
import { type EntryVisitor, walkTar } from './tar-walk.js';

const syncsAtOnce = 8;
const createNew = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

export function unpackingTar(): Unpacking {
  return {
    host: 'local',
    async unpack(path, into, manifest, { stripPrefix }) {
      await newDirectory(into);
      const syncs = new OpenSyncs();
      const writer = new ManifestWriter(path, into, manifest, stripPrefix, syncs);
      await walkTar(path, (entry) => writer.visit(entry), { keepUp: () => syncs.room() }).finally(async () => {
        writer.close();
        await syncs.settled();
      });
      syncs.refuseFailed(into);
      const directories = writer.finish();
      // Deepest first, so that a directory is synced after what it holds.
      await syncAll([...directories].sort((one, other) => other.length - one.length));
      await syncAll([into, dirname(into)]);
    },
  };
}

async function newDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o755 });
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'EEXIST') throw new RouterctlError('FILE_EXISTS', `${path} is already there`, { cause });
    throw cause;
  }
}

class ManifestWriter {
  readonly #missing: Map<string, string>;
  readonly #directories = new Set<string>();
  readonly #path: string;
  readonly #into: string;
  readonly #prefix: string;
  readonly #syncs: OpenSyncs;
  #open: number | null = null;

  constructor(path: string, into: string, manifest: Readonly<Record<string, string>>, stripPrefix: string, syncs: OpenSyncs) {
    this.#syncs = syncs;
    this.#path = path;
    this.#into = into;
    this.#prefix = stripPrefix === '' ? '' : `${stripPrefix}/`;
    this.#missing = new Map(Object.entries(manifest));
  }

  visit(entry: ArchiveEntry): EntryVisitor | undefined {
    if (entry.kind === 'directory') return undefined;
    const name = entry.path.startsWith(this.#prefix) ? entry.path.slice(this.#prefix.length) : null;
    const expected = name === null ? undefined : this.#missing.get(name);
    if (name === null || expected === undefined) return this.#mismatch(`${entry.path} is not in its list of digests`);
    this.#missing.delete(name);
    return this.#write(name, expected, (entry.mode & 0o111) === 0 ? 0o644 : 0o755);
  }

  #write(name: string, expected: string, mode: number): EntryVisitor {
    const target = join(this.#into, name);
    this.#makeParents(name);
    const descriptor = openSync(target, createNew, 0o600);
    this.#open = descriptor;
    const hash = createHash('sha256');
    return {
      chunk(bytes) {
        hash.update(bytes);
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      },
      end: () => {
        fchmodSync(descriptor, mode);
        if (hash.digest('hex') !== expected) this.#mismatch(`${name} does not have the digest that is listed for it`);
        this.#open = null;
        this.#syncs.begin(descriptor);
      },
    };
  }

  #makeParents(name: string): void {
    const parent = dirname(join(this.#into, name));
    if (parent === this.#into || this.#directories.has(parent)) return;
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    for (let level = parent; level !== this.#into && !this.#directories.has(level); level = dirname(level)) this.#directories.add(level);
  }

  /** The file being written, if any: a package that breaks off must not leave it open. */
  close(): void {
    if (this.#open !== null) closeSync(this.#open);
    this.#open = null;
  }

  finish(): ReadonlySet<string> {
    const [missing] = this.#missing.keys();
    if (missing !== undefined) this.#mismatch(`${missing} is listed but not there`);
    return this.#directories;
  }

  #mismatch(what: string): never {
    throw new RouterctlError('PACKAGE_MISMATCH', `${this.#path}: ${what}`, {
      hint: 'Copy or download the package again; nothing of it is in use.',
    });
  }
}

/** Files on their way to the disk, each by the descriptor that wrote it, so that none is opened again only to be synced. */
class OpenSyncs {
  readonly #under = new Set<Promise<void>>();
  #failure: unknown = null;

  begin(descriptor: number): void {
    const done = sync(descriptor)
      .finally(() => closeSync(descriptor))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#under.delete(done));
    this.#under.add(done);
  }

  /** Waits until only a few are under way: an archive is read faster than a disk syncs. */
  async room(): Promise<void> {
    while (this.#under.size > syncsAtOnce) await Promise.race(this.#under);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#under);
  }

  /** Throws what kept a file from the disk: after that a second sync of it would prove nothing. */
  refuseFailed(path: string): void {
    if (this.#failure !== null) throw fileFailure(this.#failure, path, 'write');
  }
}

const sync = promisify(fsync);

async function syncAll(paths: readonly string[]): Promise<void> {
  const waiting = paths.values();
  const work = async (): Promise<void> => {
    for (const path of waiting) {
      const handle = await open(path, constants.O_RDONLY);
      await handle.sync().finally(() => handle.close());
    }
  };
  await Promise.all(Array.from({ length: syncsAtOnce }, work));
}
