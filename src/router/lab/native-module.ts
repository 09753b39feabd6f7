// The files of node_modules that a packaged router needs: its native module, and what that loads to find itself. Everything else is in
// the program's own files already.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from './lab-error.js';

/** Each is found from the one before it, as Node itself does. */
const modules: readonly (readonly [name: string, files: readonly string[]])[] = [
  ['better-sqlite3', ['package.json', 'LICENSE', 'lib', 'build/Release/better_sqlite3.node']],
  ['bindings', ['package.json', 'LICENSE.md', 'bindings.js']],
  ['file-uri-to-path', ['package.json', 'LICENSE', 'index.js']],
];

interface ModuleFile {
  /** Below the package root, with `/`. */
  readonly path: string;
  readonly source: string;
}

export function nativeModuleFiles(from: string): readonly ModuleFile[] {
  let dependent = from;
  return modules.flatMap(([name, files]) => {
    const directory = findModule(name, dependent);
    dependent = directory;
    return files
      .flatMap((file) => (file === 'lib' ? scriptsBelow(directory, file) : [file]))
      .map((file) => ({ path: `node_modules/${name}/${file}`, source: join(directory, file) }));
  });
}

function findModule(name: string, from: string): string {
  const candidate = join(from, 'node_modules', name);
  if (existsSync(join(candidate, 'package.json'))) return candidate;
  const parent = dirname(from);
  if (parent === from) throw new LabError('FILE_MISSING', `the module ${name} is not installed`, 'run npm ci');
  return findModule(name, parent);
}

function scriptsBelow(directory: string, folder: string): string[] {
  return readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => `${folder}/${path}`);
}
