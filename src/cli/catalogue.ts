// The kinds of this build, found where they lie: a file `<kind>.ts` that exports a definition of that kind. Adding a check or
// a change is adding its file, and nobody has to keep a list.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Catalogue } from '../core/catalogue.js';
import type { ChangeDefinition } from '../core/change.js';
import type { CheckDefinition } from '../core/check.js';

let loaded: Promise<Catalogue> | null = null;

/** Loads every kind with its schema, so it is called only by commands that need them; once in a process. */
export async function loadCatalogue(): Promise<Catalogue> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Catalogue> {
  const [checks, changes] = await Promise.all([definitions('../../checks', isCheck), definitions('../changes', isChange)]);
  return { checks, changes };
}

async function definitions<Definition extends { readonly kind: string }>(
  folder: string,
  is: (value: unknown) => value is Definition,
): Promise<ReadonlyMap<string, Definition>> {
  const directory = fileURLToPath(new URL(folder, import.meta.url));
  const files = (await readdir(directory)).filter((name) => /^[a-z][a-z0-9-]*\.(js|ts)$/.test(name) && !name.endsWith('.d.ts')).sort();
  const found = await Promise.all(files.map((name) => definitionIn(join(directory, name), is)));
  return new Map(found.filter((definition) => definition !== null).map((definition) => [definition.kind, definition]));
}

async function definitionIn<Definition extends { readonly kind: string }>(
  path: string,
  is: (value: unknown) => value is Definition,
): Promise<Definition | null> {
  const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  const stem = basename(path).replace(/\.(js|ts)$/, '');
  return (
    Object.values(module)
      .filter(is)
      .find(({ kind }) => kind === stem) ?? null
  );
}

const hasKind = (value: unknown): value is { readonly kind: string } =>
  typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';

const isCheck = (value: unknown): value is CheckDefinition => hasKind(value) && 'observe' in value && 'judge' in value;

const isChange = (value: unknown): value is ChangeDefinition => hasKind(value) && 'revert' in value && 'apply' in value;
