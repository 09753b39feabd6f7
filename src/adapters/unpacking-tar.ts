// Writes a package's files below a fresh directory, exactly those of a manifest and nothing else, and makes them durable.
// Each file is created new, never through a link, and its digest is compared while it is written.
import { createHash } from 'node:crypto';
import { closeSync, constants, fchmodSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { ArchiveEntry, Unpacking } from '../core/ports/archives.js';
import { type EntryVisitor, walkTar } from './tar-walk.js';

const syncsAtOnce = 8;
const createNew = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

export function unpackingTar(): Unpacking {
  return {
    host: 'local',
    async unpack(path, into, manifest, { stripPrefix }) {
      await newDirectory(into);
      const writer = new ManifestWriter(path, into, manifest, stripPrefix);
      await walkTar(path, (entry) => writer.visit(entry)).finally(() => writer.close());
      const written = writer.finish();
      await syncAll(written.files);
      // Deepest first, so that a directory is synced after what it holds.
      await syncAll([...written.directories].sort((one, other) => other.length - one.length));
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
  readonly #files: string[] = [];
  readonly #directories = new Set<string>();
  readonly #path: string;
  readonly #into: string;
  readonly #prefix: string;
  #open: number | null = null;

  constructor(path: string, into: string, manifest: Readonly<Record<string, string>>, stripPrefix: string) {
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
        this.close();
        if (hash.digest('hex') !== expected) this.#mismatch(`${name} does not have the digest that is listed for it`);
        this.#files.push(target);
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

  finish(): { readonly files: readonly string[]; readonly directories: ReadonlySet<string> } {
    const [missing] = this.#missing.keys();
    if (missing !== undefined) this.#mismatch(`${missing} is listed but not there`);
    return { files: this.#files, directories: this.#directories };
  }

  #mismatch(what: string): never {
    throw new RouterctlError('PACKAGE_MISMATCH', `${this.#path}: ${what}`, {
      hint: 'Copy or download the package again; nothing of it is in use.',
    });
  }
}

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
