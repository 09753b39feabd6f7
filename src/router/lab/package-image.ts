// Writes one router version as operators of containers get it: an image that is loaded from a file, a compose project that runs it,
// stamp, notes and digests. The image is made from scratch, of the node of this machine and of what a binary package holds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { composeProject } from './compose-project.js';
import { writeImage } from './image-archive.js';
import { LabError } from './lab-error.js';
import { nativeModuleFiles } from './native-module.js';
import { ownProgramDirectory } from './own-program.js';
import { type PackageOptions, releaseContents } from './package-release.js';
import { nodeInImage, runtimeFiles } from './runtime-files.js';

export interface ImagePackageOptions extends PackageOptions {
  /** `reference-router` when left out; the product's name in names of files, images and variables. */
  readonly product?: string;
}

export interface ImagePackage {
  /** What was written: `images/`, `compose/`, RELEASE.json, RELEASE_NOTES.md and SHA256SUMS. */
  readonly directory: string;
  readonly image: string;
  /** `<version>-linux-<architecture>`. */
  readonly tag: string;
  readonly imageId: string;
  readonly bytes: number;
  readonly commit: string;
  readonly buildDate: string;
}

const programDirectory = '/opt/reference-router';
/** The layer with node and its libraries is the same in every version, so that an engine keeps it once. */
const runtimeTime = new Date('2026-01-01T00:00:00Z');

export function packageImage(options: ImagePackageOptions): ImagePackage {
  const product = options.product ?? 'reference-router';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(product))
    throw new LabError('USAGE', `"${product}" is not a name of a product`, 'use small letters, digits and hyphens');
  const { files, architecture, commit, buildDate } = releaseContents(options);
  const tag = `${options.version}-linux-${architecture}`;
  const stem = `${product}-${tag}`;
  const directory = join(options.outDirectory, stem);
  if (existsSync(directory)) throw new LabError('FILE_EXISTS', `${directory} is there already`, 'remove it, or choose another directory');
  const unfinished = `${directory}.${process.pid}.new`;
  try {
    const created = new Date(buildDate);
    const image = writeImage(join(unfinished, 'images', `${stem}.tar`), {
      reference: `${product}:${tag}`,
      architecture,
      created,
      layers: [
        { files: runtimeFiles([nativeModuleOf(options)]), directories: { 'tmp/': 0o1777 }, time: runtimeTime },
        {
          files: files.map(({ path, bytes, executable }) => ({ path: `${programDirectory.slice(1)}/${path}`, content: bytes, executable })),
          directories: { [`etc/${product}/`]: 0o755, [`var/lib/${product}/`]: 0o755 },
          time: created,
        },
      ],
      config: {
        Entrypoint: [nodeInImage, `${programDirectory}/bin/reference-router`],
        Cmd: ['serve', '--config', `/etc/${product}/config.yaml`],
        Env: ['PATH=/usr/local/bin'],
        ExposedPorts: { '8080/tcp': {} },
        Labels: {
          'org.opencontainers.image.title': product,
          'org.opencontainers.image.version': options.version,
          'org.opencontainers.image.revision': commit,
          'org.opencontainers.image.created': buildDate,
        },
        StopSignal: 'SIGTERM',
        WorkingDir: `/var/lib/${product}`,
      },
    });
    const beside = files.filter(({ path }) => path === 'RELEASE.json' || path === 'RELEASE_NOTES.md');
    const written = [...composeProject(product, tag), ...beside.map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') }))];
    for (const { path, text } of written) writeBelow(unfinished, path, text, modeOf(path));
    const sums = [
      { path: `images/${stem}.tar`, sha256: image.sha256 },
      ...written.map(({ path, text }) => ({ path, sha256: createHash('sha256').update(text).digest('hex') })),
    ];
    const lines = sums.toSorted((left, right) => (left.path < right.path ? -1 : 1)).map(({ path, sha256 }) => `${sha256}  ${path}\n`);
    writeBelow(unfinished, 'SHA256SUMS', lines.join(''));
    renameSync(unfinished, directory);
    return { directory, image: `${product}:${tag}`, tag, imageId: image.imageId, bytes: image.bytes, commit, buildDate };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function nativeModuleOf({ programDirectory = ownProgramDirectory }: PackageOptions): string {
  const native = nativeModuleFiles(programDirectory).find(({ source }) => source.endsWith('.node'));
  if (native === undefined) throw new LabError('FILE_MISSING', 'the native module is not built', 'run npm ci');
  return native.source;
}

/** What will hold keys and callers is not for everybody. */
const modeOf = (path: string): number => (path === 'compose/.env' ? 0o600 : path === 'compose/config.yaml' ? 0o640 : 0o644);

function writeBelow(directory: string, path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text, { mode });
}
