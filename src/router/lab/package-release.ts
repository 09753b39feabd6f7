// Writes the binary package of one router version: program, its native module, licences, stamp, notes and digests. The same code
// becomes any version, so that an upgrade, a foreign architecture or a bad release can be practised.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Defect, defectNames } from '../defects.js';
import { packagedKeyName } from '../license/open-license-gate.js';
import { LabError } from './lab-error.js';
import { labLicensePublicKey } from './lab-license.js';
import { nativeModuleFiles } from './native-module.js';
import { ownProgramDirectory, programIn } from './own-program.js';
import { type TarFile, writeTarGz } from './package-archive.js';

export type Architecture = 'amd64' | 'arm64';

export interface PackageOptions {
  readonly version: string;
  readonly outDirectory: string;
  readonly architecture?: Architecture;
  readonly defects?: readonly Defect[];
  readonly buildDate?: string;
  readonly commit?: string;
  /** Markdown; a note with the usual sections when left out. */
  readonly releaseNote?: string;
  /** Directory of the router as a build makes it; that of this code's own build when left out. */
  readonly programDirectory?: string;
}

export interface PackageResult {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly commit: string;
  readonly buildDate: string;
}

const entryProgram = `#!/usr/bin/env node
'use strict';
import('../lib/program.js')
  .then(({ runProgram }) => runProgram(process.argv.slice(2), __dirname))
  .then((code) => { process.exitCode = code; });
`;

const elfMachines: Readonly<Record<Architecture, number>> = { amd64: 0x3e, arm64: 0xb7 };

export function packageRelease(options: PackageOptions): PackageResult {
  const { files, stem, commit, buildDate } = releaseContents(options);
  const archive = writeTarGz(
    files.map((file) => ({ ...file, path: `${stem}/${file.path}` })),
    new Date(buildDate),
  );
  const file = writeWhole(options.outDirectory, `${stem}.tar.gz`, archive);
  return { file, bytes: archive.length, sha256: digestOf(archive), commit, buildDate };
}

export interface ReleaseContents {
  /** Sorted by path; the last step of reading them is to compare them with their own `SHA256SUMS`. */
  readonly files: readonly TarFile[];
  /** `<product>-<version>-linux-<architecture>`. */
  readonly stem: string;
  readonly architecture: Architecture;
  readonly commit: string;
  readonly buildDate: string;
}

export function releaseContents(options: Omit<PackageOptions, 'outDirectory'>): ReleaseContents {
  const { version, architecture = hostArchitecture() } = options;
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    throw new LabError('USAGE', `"${version}" is not a version`, 'give three numbers, for example 1.1.0');
  const code = programFiles(options.programDirectory ?? ownProgramDirectory, architecture);
  const commit = options.commit ?? digestOf(Buffer.concat([Buffer.from(version), ...code.map(({ bytes }) => bytes)])).slice(0, 40);
  const buildDate = options.buildDate ?? practiceBuildDate(version);
  if (Number.isNaN(Date.parse(buildDate)))
    throw new LabError('USAGE', `"${buildDate}" is not a date`, 'give RFC 3339, for example 2026-01-01T00:00:00Z');
  const release = {
    product: 'reference-router',
    version,
    commit,
    build_date: buildDate,
    os: 'linux',
    arch: architecture,
    programs: ['reference-router'],
    migrations: 'none',
    ...(options.defects !== undefined && options.defects.length > 0 ? { defects: knownDefects(options.defects) } : {}),
  };
  const files = [
    ...code,
    text(packagedKeyName, labLicensePublicKey()),
    text('RELEASE.json', `${JSON.stringify(release, null, 2)}\n`),
    text('RELEASE_NOTES.md', options.releaseNote ?? practiceNote(version)),
  ].sort((left, right) => (left.path < right.path ? -1 : 1));
  const sums = files.map(({ path, bytes }) => `${digestOf(bytes)}  ${path}\n`).join('');
  const stem = `reference-router-${version}-linux-${architecture}`;
  return { files: [...files, text('SHA256SUMS', sums)], stem, architecture, commit, buildDate };
}

export function hostArchitecture(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

function programFiles(directory: string, architecture: Architecture): TarFile[] {
  programIn(directory);
  // What lies in directories below is for the lab alone.
  const own = readdirSync(directory)
    .filter((name) => /\.(js|txt)$/.test(name))
    .map((name) => ({ path: `lib/${name}`, source: join(directory, name) }));
  return [
    { path: 'bin/reference-router', bytes: Buffer.from(entryProgram), executable: true },
    // Node decides by the nearest package.json how to read a file; without these two a stray one further up would decide.
    text('bin/package.json', '{ "type": "commonjs" }\n'),
    text('lib/package.json', '{ "type": "module" }\n'),
    ...[...own, ...nativeModuleFiles(directory)].map(({ path, source }) => ({
      path,
      bytes: fileFor(architecture, source),
      executable: false,
    })),
  ].sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** A package for another machine is for practice only: its native module says so in the ELF header and must be refused. */
function fileFor(architecture: Architecture, source: string): Buffer {
  const bytes = readFileSync(source);
  if (source.endsWith('.node') && architecture !== hostArchitecture()) bytes.writeUInt16LE(elfMachines[architecture], 18);
  return bytes;
}

function knownDefects(names: readonly Defect[]): readonly Defect[] {
  const strange = names.find((name) => !defectNames.includes(name));
  if (strange !== undefined) throw new LabError('USAGE', `"${strange}" is not a defect`, `choose from ${defectNames.join(', ')}`);
  return names;
}

/** With the sections that an operator looks for before an upgrade, and nothing in them that somebody would have to acknowledge. */
function practiceNote(version: string): string {
  return `# reference-router ${version}

A practice release: the same program as every other one, under its own version. Restarting it finishes requests in flight first, for as
long as \`limits.drain_ms\` allows.

## Operator impact

None.

## Database changes

None.

## License changes

None.

## Caller-visible behavior

None.

## Validation

\`GET /readyz\` answers 200, \`GET /version\` names ${version}, \`GET /v1/models\` lists models, and a chat answers.

## Rollback

Put the package of before back in place and restart. The database needs no restore.
`;
}

/** A fixed date for each version, so that the same inputs give the same bytes: a day for each minor, an hour for each patch. */
function practiceBuildDate(version: string): string {
  const [, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const time = new Date(Date.UTC(2026, 0, 1 + minor, patch));
  return time.toISOString().replace('.000Z', 'Z');
}

function text(path: string, content: string): TarFile {
  return { path, bytes: Buffer.from(content), executable: false };
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function writeWhole(directory: string, name: string, bytes: Buffer): string {
  if (existsSync(directory) && !statSync(directory).isDirectory())
    throw new LabError(
      'FILE_EXISTS',
      `${directory} is not a directory`,
      'choose a directory for the package; it is made when it is not there',
    );
  mkdirSync(directory, { recursive: true });
  const file = join(directory, name);
  const unfinished = `${file}.${process.pid}.new`;
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, file);
  return file;
}
