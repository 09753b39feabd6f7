// Which files of node_modules the packaged router needs: its dependencies and theirs, without types, maps, tests, sources and
// what only an installation uses. Found by walking up from each dependent, as Node itself does.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { LabError } from './lab-error.js';

const runtimeDependencies = ['better-sqlite3', 'casbin', 'marked', 'pino', 'prom-client', 'undici', 'yaml', 'zod'];
/** Fetches or compiles native code at installation; a package carries the result. */
const installTimeOnly = new Set(['prebuild-install']);
/** Named as dependencies for browsers; Node has them built in and would never look for the file. */
const builtIn = new Set(['buffer']);
/** Directories of a module that are never loaded at run time; `*` is any module. */
const unused: Readonly<Record<string, readonly string[]>> = {
  '*': ['test', 'tests', 'docs', 'benchmarks', 'examples', 'fixtures', 'types', 'node_modules', 'scripts', '.github', 'example'],
  'better-sqlite3': ['deps', 'src'],
  '@opentelemetry/api': ['build/esm', 'build/esnext'],
  bintrees: ['dist'],
  casbin: ['lib/cjs'],
  'csv-parse': ['dist'],
  minimatch: ['dist/commonjs'],
  'brace-expansion': ['dist/commonjs'],
  'balanced-match': ['dist/commonjs'],
  undici: ['lib/llhttp/.gitkeep'],
  yaml: ['browser'],
  zod: ['src', 'mini', 'v4-mini', 'v3', 'v4/mini', 'locales'],
};

export interface ModuleFile {
  /** Below the package root, with `/`. */
  readonly path: string;
  readonly source: string;
}

export function runtimeModuleFiles(from: string, needed: readonly string[] = runtimeDependencies): readonly ModuleFile[] {
  const directories = new Map<string, string>();
  const visit = (name: string, dependent: string): void => {
    const directory = findModule(name, dependent);
    const earlier = directories.get(name);
    if (earlier !== undefined && earlier !== directory)
      throw new LabError('USAGE', `two versions of ${name} would be needed in one package`, 'run npm dedupe');
    if (earlier !== undefined) return;
    directories.set(name, directory);
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
    for (const dependency of Object.keys(manifest.dependencies ?? {}))
      if (!installTimeOnly.has(dependency) && !builtIn.has(dependency)) visit(dependency, directory);
  };
  for (const name of needed) visit(name, from);
  return [...directories].flatMap(([name, directory]) =>
    neededFiles(name, directory).map((source) => ({ path: `node_modules/${name}/${relative(directory, source)}`, source })),
  );
}

function findModule(name: string, from: string): string {
  const candidate = join(from, 'node_modules', name);
  if (existsSync(join(candidate, 'package.json'))) return candidate;
  const parent = dirname(from);
  if (parent === from) throw new LabError('FILE_MISSING', `the module ${name} is not installed`, 'run npm ci');
  return findModule(name, parent);
}

function neededFiles(name: string, root: string): string[] {
  const skipped = new Set([...(unused['*'] ?? []), ...(unused[name] ?? [])]);
  const walk = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      if (skipped.has(relative(root, path))) return [];
      if (entry.isDirectory()) return name === 'better-sqlite3' && entry.name === 'obj.target' ? [] : walk(path);
      return isNeeded(name, relative(root, path)) ? [path] : [];
    });
  return walk(root);
}

function isNeeded(name: string, path: string): boolean {
  if (path.endsWith('.node')) return path === 'build/Release/better_sqlite3.node';
  if (path === 'package.json' || path.endsWith('/package.json') || /^licen[cs]e(\.md|\.txt)?$/i.test(path)) return true;
  if (name === 'better-sqlite3' && path.startsWith('build/')) return false;
  // zod ships every module twice; a program of ES modules loads the first kind only.
  if (name === 'zod') return path.endsWith('.js');
  return /\.(js|cjs|mjs|json|wasm)$/.test(path);
}
