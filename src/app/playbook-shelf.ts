// Where playbooks, suites and profiles are found and read: by the name of a shipped one, or by the path of a person's own.
// A playbook's own folder comes before the shipped one, so that a team can replace a suite without forking a playbook.
import { createHash } from 'node:crypto';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Catalogue } from '../core/catalogue.js';
import { RouterctlError } from '../core/errors.js';
import type { FileReads } from '../core/ports/files.js';
import type { Profile } from '../core/profile.js';
import { type Finding, renderFinding } from '../playbook/finding.js';
import { hintFor } from '../playbook/nearest.js';
import { type Playbook, readPlaybook, readSuite, type SourceText } from '../playbook/playbook.js';
import { readProfile } from '../playbook/profile.js';

export interface PlaybookShelf {
  readonly files: Pick<FileReads, 'readText' | 'list' | 'stat'>;
  /** Absolute path of the shipped `playbooks` folder. */
  readonly shipped: string;
  readonly workingDirectory: string;
}

export interface LoadedPlaybook {
  readonly playbook: Playbook;
  readonly path: string;
  /** Of the playbook's text and the texts of the suites that it names. */
  readonly sha256: string;
}

export type FileRead = { readonly file: string; readonly findings: readonly Finding[] };

const maxBytes = 2 * 1024 * 1024;
const isPath = (name: string): boolean => name.includes('/') || /\.ya?ml$/.test(name);

/** Names of the shipped playbooks, suites or profiles. */
export async function shippedNames(shelf: PlaybookShelf, folder: '' | 'suites' | 'profiles'): Promise<readonly string[]> {
  const names = await shelf.files.list(join(shelf.shipped, folder));
  return names.filter((name) => name.endsWith('.yaml')).map((name) => basename(name, '.yaml'));
}

/** Throws PLAYBOOK_MISSING, or PLAYBOOK_INVALID with every finding. */
export async function loadPlaybook(shelf: PlaybookShelf, name: string, catalogue: Catalogue): Promise<LoadedPlaybook> {
  const path = await pathOf(shelf, name, '', 'PLAYBOOK_MISSING');
  const source = await sourceAt(shelf, path);
  const suites = await suitesFor(shelf, dirname(path));
  const read = readPlaybook(source, suites, catalogue);
  if ('findings' in read) throw invalidPlaybook(source.file, read.findings);
  const texts = [source.text, ...[...read.playbook.suites.keys()].sort().map((suite) => suites.get(suite)?.text ?? '')];
  const hash = createHash('sha256');
  // The length before each text keeps two texts from passing for one.
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}\n${text}`);
  return { playbook: read.playbook, path, sha256: hash.digest('hex') };
}

/** Every finding of a playbook or suite file, without throwing for them. */
export async function lintFile(shelf: PlaybookShelf, name: string, catalogue: Catalogue): Promise<FileRead> {
  const path = await pathOf(shelf, name, '', 'PLAYBOOK_MISSING');
  const source = await sourceAt(shelf, path);
  const read = /^suite:/m.test(source.text)
    ? readSuite(source, catalogue)
    : readPlaybook(source, await suitesFor(shelf, dirname(path)), catalogue);
  return { file: source.file, findings: 'findings' in read ? read.findings : [] };
}

/** Throws PROFILE_UNKNOWN or PROFILE_INVALID. */
export async function loadProfile(shelf: PlaybookShelf, name: string): Promise<Profile> {
  const path = await pathOf(shelf, name, 'profiles', 'PROFILE_UNKNOWN');
  const source = await sourceAt(shelf, path);
  return readProfile(source.file, source.text);
}

export function invalidPlaybook(file: string, findings: readonly Finding[]): RouterctlError {
  const count = `${findings.length} error${findings.length === 1 ? '' : 's'}`;
  return new RouterctlError('PLAYBOOK_INVALID', `${file} is not a valid playbook: ${count}`, {
    details: findings.flatMap(renderFinding),
    hint: 'docs/reference/playbook.md describes the language',
  });
}

async function pathOf(
  shelf: PlaybookShelf,
  name: string,
  folder: '' | 'profiles',
  code: 'PLAYBOOK_MISSING' | 'PROFILE_UNKNOWN',
): Promise<string> {
  const path = isPath(name) ? resolve(shelf.workingDirectory, name) : join(shelf.shipped, folder, `${name}.yaml`);
  if ((await shelf.files.stat(path)) !== null) return path;
  const what = code === 'PLAYBOOK_MISSING' ? 'playbook' : 'profile';
  const names = await shippedNames(shelf, folder);
  if (isPath(name)) throw new RouterctlError(code, `there is no ${what} file ${name}`, { hint: `shipped: ${names.join(', ')}` });
  throw new RouterctlError(code, `there is no ${what} ${name}`, { hint: `${hintFor(name, names) ?? ''}; a path ends in .yaml` });
}

async function sourceAt(shelf: PlaybookShelf, path: string): Promise<SourceText> {
  return { file: shownPath(shelf, path), text: await shelf.files.readText(path, { maxBytes }) };
}

function shownPath(shelf: PlaybookShelf, path: string): string {
  const short = relative(shelf.workingDirectory, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}

async function suitesFor(shelf: PlaybookShelf, directory: string): Promise<ReadonlyMap<string, SourceText>> {
  const suites = new Map<string, SourceText>();
  for (const folder of new Set([join(shelf.shipped, 'suites'), join(directory, 'suites')])) {
    for (const file of await shelf.files.list(folder)) {
      if (file.endsWith('.yaml')) suites.set(basename(file, '.yaml'), await sourceAt(shelf, join(folder, file)));
    }
  }
  return suites;
}
