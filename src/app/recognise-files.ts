// The files of a router that a backup has to save, told from what its process shows (arguments, open files) and from what its config
// names. Of an environment file only its names and its place are used: values are compared inside of the port.
import { dirname, join, resolve } from 'node:path';
import { readEnvFile } from '../core/env-file.js';
import type { Json } from '../core/json.js';
import type { Discovery, FoundProcess } from '../core/ports/discovery.js';
import type { FileReads } from '../core/ports/files.js';
import { readYaml } from '../playbook/yaml-text.js';

export interface Looking {
  readonly discovery: Discovery;
  readonly files: FileReads;
}

export interface FoundFile {
  readonly path: string;
  readonly how: string;
}

export interface FoundFiles {
  readonly config: FoundFile | null;
  readonly license: FoundFile | null;
  readonly licenseState: FoundFile | null;
  readonly databases: readonly FoundFile[];
}

const configName = /\.(ya?ml|json|toml)$/;
const smallBytes = 1024 * 1024;

export async function recogniseFiles(
  argv: readonly string[],
  process: FoundProcess | null,
  directory: string,
  { discovery, files }: Looking,
): Promise<FoundFiles> {
  const config = await configOf(argv, directory, files);
  const named = config === null ? [] : await pathsIn(config.path, files);
  const of = (pattern: RegExp, not: RegExp): FoundFile | null => {
    const hit = named.find(({ key }) => pattern.test(key) && !not.test(key));
    return hit === undefined ? null : { path: hit.path, how: `${hit.key} of the config` };
  };
  return {
    config,
    license: of(/licen[cs]e/i, /state/i),
    licenseState: of(/licen[cs]e.*state|state.*licen[cs]e/i, /^$/),
    databases: await databasesOf(process, named, { discovery, files }),
  };
}

async function configOf(argv: readonly string[], directory: string, files: FileReads): Promise<FoundFile | null> {
  const words = argv
    .slice(1)
    .flatMap((word) => (word.startsWith('--') && word.includes('=') ? [word.slice(word.indexOf('=') + 1)] : [word]));
  for (const word of words) {
    const path = resolve(directory, word);
    if (configName.test(word) && (await files.stat(path).catch(() => null))?.kind === 'file') return { path, how: 'its arguments' };
  }
  return null;
}

interface NamedPath {
  readonly key: string;
  readonly path: string;
}

/** Texts of the config that can only be paths, under the names that lead to them; empty where the config is no YAML or JSON. */
async function pathsIn(config: string, files: FileReads): Promise<readonly NamedPath[]> {
  const text = await files.readText(config, { maxBytes: smallBytes }).catch(() => null);
  const read = text === null ? null : readYaml(config, text);
  return read === null || 'findings' in read ? [] : leavesOf(read.document.value, '', dirname(config));
}

function leavesOf(value: Json, key: string, directory: string): readonly NamedPath[] {
  if (typeof value === 'string') return looksLikePath(value) ? [{ key, path: resolve(directory, value) }] : [];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, key === '' ? name : `${key}.${name}`, directory));
}

const looksLikePath = (text: string): boolean => /^(?!\w+:\/\/)[\w./@+-]+$/.test(text) && /\/|\.\w{2,7}$/.test(text) && text.length < 512;

async function databasesOf(
  process: FoundProcess | null,
  named: readonly NamedPath[],
  { discovery, files }: Looking,
): Promise<readonly FoundFile[]> {
  const open = (process?.openFiles ?? []).map((path) => ({ path, how: `open in process ${process?.pid ?? 0}` }));
  const told = named.map(({ key, path }) => ({ path, how: `${key} of the config` }));
  const found = new Map<string, FoundFile>();
  for (const candidate of [...open, ...told]) {
    const path = (await files.realPath(candidate.path).catch(() => null)) ?? candidate.path;
    if (!found.has(path) && (await discovery.isSqlite(path))) found.set(path, { path, how: candidate.how });
  }
  return [...found.values()];
}

export interface FoundEnvironment {
  readonly file: FoundFile | null;
  /** Names that the process was started with and that no file holds: a start by routerctl would lose them. */
  readonly unheld: readonly string[];
}

/** What every process has from whoever starts it, and routerctl gives as well or nobody misses. */
const usual =
  /^(PATH|HOME|LANG|LANGUAGE|LC_\w+|PWD|OLDPWD|SHLVL|USER|LOGNAME|SHELL|TERM|MAIL|TZ|HOSTNAME|_|ROUTERCTL_\w+|XDG_\w+|SSH_\w+|DBUS_\w+)$/;

/** The environment file of a plain process: one beside its config or in its directory, all of which it was started with. */
export async function recogniseEnvironment(
  process: FoundProcess,
  directories: readonly string[],
  { discovery, files }: Looking,
): Promise<FoundEnvironment> {
  let best: { readonly path: string; readonly keys: readonly string[] } | null = null;
  for (const path of await environmentFilesIn(directories, files)) {
    const { entries } = readEnvFile(await files.readText(path, { maxBytes: smallBytes }).catch(() => ''));
    const fits = entries.length > (best?.keys.length ?? 0) && (await discovery.startedWith(process.pid, entries)) === true;
    if (fits) best = { path, keys: entries.map(({ key }) => key) };
  }
  const held = new Set(best?.keys);
  const unheld = (process.environmentNames ?? []).filter((name) => !held.has(name) && !usual.test(name));
  return {
    file:
      best === null ? null : { path: best.path, how: `process ${process.pid} was started with all ${best.keys.length} of its variables` },
    unheld,
  };
}

async function environmentFilesIn(directories: readonly string[], files: FileReads): Promise<readonly string[]> {
  const found: string[] = [];
  for (const directory of new Set(directories))
    for (const name of await files.list(directory).catch(() => []))
      if (/(^|\.)env(\.\w+)?$/.test(name) && !/example|sample|backup|\.bak$/i.test(name)) found.push(join(directory, name));
  return found;
}

/** A file below `directory` that holds nothing but the number of the process. */
export async function recognisePidFile(pid: number, directories: readonly string[], files: FileReads): Promise<FoundFile | null> {
  for (const directory of new Set(directories))
    for (const name of await files.list(directory).catch(() => [])) {
      const path = join(directory, name);
      if (!name.endsWith('.pid')) continue;
      const text = await files.readText(path, { maxBytes: 64 }).catch(() => '');
      if (text.trim() === String(pid)) return { path, how: `holds ${pid}` };
    }
  return null;
}
