// What an installation of routerctl consists of besides Node.js: the files that npm would pack, and of the packages that it needs at run time
// what is loaded, with every licence. Apart from how it is packed, since tarball and image hold the same program.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { nativeModuleFiles } from '../dist/src/router/lab/native-module.js';

/** Needed by install scripts only: what those fetched or compiled is here. */
const installersOnly = ['prebuild-install'];
const licence = /^(licen[cs]e|notice|copying|authors)/i;
/** Sources, types, maps and prose of a package; a directory counts at its top only, since `dist/doc` is code somewhere. */
const unloaded = /\.([cm]?ts|map|md|markdown|flow)$|^(test|tests|example|examples|benchmarks?|docs|man|\.github)\//i;

/** Each with its path below the installed program and the file that it is. */
export function programContents(root) {
  return [...ownFiles(root), ...packageFiles(root)]
    .map((path) => ({ path, file: join(root, path), executable: path === 'bin/run.js' }))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** As `files` of package.json names them, and what npm adds to those. */
function ownFiles(root) {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const without = files.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1));
  const named = ['package.json', 'LICENSE', ...files.filter((entry) => !entry.startsWith('!'))];
  return named
    .flatMap((entry) =>
      statSync(join(root, entry)).isDirectory() ? filesBelow(join(root, entry)).map((path) => join(entry, path)) : [entry],
    )
    .filter((path) => !without.includes(path) && hasSource(root, path));
}

/** tsc leaves what it once made of a source that is gone. */
const hasSource = (root, path) => !/^dist\/(src|checks)\//.test(path) || existsSync(join(root, path.replace(/^dist\/(.*)\.js$/, '$1.ts')));

function packageFiles(root) {
  const native = nativeModuleFiles(root).map(({ source }) => relative(root, source));
  const ofNative = new Set(native.map((path) => path.split('/').slice(0, 2).join('/')));
  const others = runtimePackages(root)
    .filter((directory) => !ofNative.has(directory))
    .flatMap((directory) => loadedFiles(join(root, directory)).map((path) => join(directory, path)));
  return [...native, ...others];
}

/** Directories of the packages that routerctl and its packages depend on, as Node finds them. */
function runtimePackages(root) {
  const found = new Set();
  const visit = (directory) => {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }).filter((each) => !installersOnly.includes(each))) {
      const at = findPackage(root, name, directory);
      if (at === null && !(name in optionalDependencies)) throw new Error(`the package ${name} is not installed; run: npm ci`);
      if (at === null || found.has(at)) continue;
      found.add(at);
      visit(at);
    }
  };
  visit('.');
  return [...found];
}

function findPackage(root, name, from) {
  const candidate = join(from, 'node_modules', name);
  if (existsSync(join(root, candidate, 'package.json'))) return candidate;
  return from === '.' ? null : findPackage(root, name, dirname(from));
}

const loadedFiles = (directory) =>
  filesBelow(directory).filter((path) => licence.test(path.slice(path.lastIndexOf('/') + 1)) || !unloaded.test(path));

/** Packages that lie in a package are packages of their own. */
function filesBelow(directory, below = '') {
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(directory, path);
    return [path];
  });
}
