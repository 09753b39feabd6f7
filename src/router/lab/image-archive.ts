// Writes a container image as `docker save` does: layers, their config and a manifest in one tar. Nothing of it needs an engine, and
// the bytes depend on the files alone. Source: Docker Image Specification v1.2.0, "Combined Image JSON + Filesystem Changeset Format".
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { tarBlockBytes, tarHeader } from './package-archive.js';
import type { Architecture } from './package-release.js';

/** A file of a layer: its bytes, or the path of a file that is read when it is written. */
export interface LayerFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly content: Buffer | { readonly file: string };
  readonly executable: boolean;
}

export interface Layer {
  readonly files: readonly LayerFile[];
  /** Each with a slash at its end; those of the files need not be named. */
  readonly directories: Readonly<Record<string, number>>;
  /** Of everything in it: layers that hold the same must have the same digest. */
  readonly time: Date;
}

export interface Image {
  /** `name:tag`. */
  readonly reference: string;
  readonly architecture: Architecture;
  readonly created: Date;
  /** The lower one first. */
  readonly layers: readonly Layer[];
  /** What the history of the image names as its maker; `routerctl lab package` when left out. */
  readonly createdBy?: string;
  /** Members of the image config's `config`, as the specification names them. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface WrittenImage {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** `sha256:` and the digest of the image's config, which is how an engine names the loaded image. */
  readonly imageId: string;
}

interface Entry {
  readonly header: Buffer;
  readonly bytes: number;
  readonly content: Buffer | { readonly file: string } | null;
}

const chunkBytes = 1024 * 1024;

/** Written beside and renamed, so that a file of that name is a whole image. */
export function writeImage(file: string, image: Image): WrittenImage {
  const layers = image.layers.map((layer) => {
    const entries = layerEntries(layer);
    return { entries, bytes: archiveBytes(entries), digest: digestOf(blocksOf(entries)) };
  });
  const config = Buffer.from(
    JSON.stringify({
      architecture: image.architecture,
      os: 'linux',
      created: image.created.toISOString(),
      config: image.config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
      history: layers.map(() => ({ created: image.created.toISOString(), created_by: image.createdBy ?? 'routerctl lab package' })),
    }),
  );
  const imageDigest = digestOf([config]);
  const manifest = [
    { Config: `${imageDigest}.json`, RepoTags: [image.reference], Layers: layers.map(({ digest }) => `${digest}/layer.tar`) },
  ];
  const named = (path: string, content: Buffer): Entry => ({
    header: tarHeader(path, 'File', content.length, 0o644, image.created),
    bytes: content.length,
    content,
  });
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.new`;
  const hash = createHash('sha256');
  const output = openSync(unfinished, 'w', 0o644);
  try {
    const write = (block: Buffer): void => {
      hash.update(block);
      writeSync(output, block);
    };
    for (const block of entryBlocks(named('manifest.json', Buffer.from(JSON.stringify(manifest))))) write(block);
    for (const block of entryBlocks(named(`${imageDigest}.json`, config))) write(block);
    for (const { digest, bytes, entries } of layers) {
      write(tarHeader(`${digest}/`, 'Directory', 0, 0o755, image.created));
      write(tarHeader(`${digest}/layer.tar`, 'File', bytes, 0o644, image.created));
      for (const block of blocksOf(entries)) write(block);
    }
    write(Buffer.alloc(2 * tarBlockBytes));
  } finally {
    closeSync(output);
  }
  renameSync(unfinished, file);
  return { file, bytes: statSync(file).size, sha256: hash.digest('hex'), imageId: `sha256:${imageDigest}` };
}

/** Each directory once, before what is in it. */
function layerEntries({ files, directories, time }: Layer): readonly Entry[] {
  const modes = new Map(Object.entries(directories));
  for (const path of [...files.map((file) => file.path), ...Object.keys(directories)])
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const directory = path.slice(0, at + 1);
      if (!modes.has(directory)) modes.set(directory, 0o755);
    }
  const sized = files.map((file) => ({ ...file, bytes: 'file' in file.content ? statSync(file.content.file).size : file.content.length }));
  return [
    ...[...modes].map(([path, mode]) => ({ path, header: tarHeader(path, 'Directory', 0, mode, time), bytes: 0, content: null })),
    ...sized.map(({ path, bytes, content, executable }) => ({
      path,
      header: tarHeader(path, 'File', bytes, executable ? 0o755 : 0o644, time),
      bytes,
      content,
    })),
  ].toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

const padded = (bytes: number): number => Math.ceil(bytes / tarBlockBytes) * tarBlockBytes;

function archiveBytes(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + tarBlockBytes + padded(bytes), 2 * tarBlockBytes);
}

function* blocksOf(entries: readonly Entry[]): Generator<Buffer> {
  for (const entry of entries) yield* entryBlocks(entry);
  yield Buffer.alloc(2 * tarBlockBytes);
}

function* entryBlocks({ header, bytes, content }: Entry): Generator<Buffer> {
  yield header;
  if (content === null) return;
  if ('file' in content) yield* chunksOf(content.file, bytes);
  else yield content;
  yield Buffer.alloc(padded(bytes) - bytes);
}

/** A program of a hundred megabytes is not held in memory. */
function* chunksOf(file: string, bytes: number): Generator<Buffer> {
  const input = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    for (let left = bytes; left > 0; ) {
      const read = readSync(input, chunk, 0, Math.min(left, chunkBytes), null);
      if (read === 0) throw new Error(`${file} became shorter while it was read`);
      left -= read;
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(input);
  }
}

function digestOf(blocks: Iterable<Buffer>): string {
  const hash = createHash('sha256');
  for (const block of blocks) hash.update(block);
  return hash.digest('hex');
}
