// What the Node.js of this machine and the compiled part of the program need of another machine, and the licences of what they bring along.
// Read from the files themselves, so that a package says what it needs instead of failing where that is missing.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runtimeFiles } from '../dist/src/router/lab/runtime-files.js';

const machines = { x64: { machine: 'x86_64', name: 'amd64' }, arm64: { machine: 'aarch64', name: 'arm64' } };
/** Of glibc and of the compiler's runtime: there on every such system. */
const everywhere = /^(ld-linux-[a-z0-9-]+|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|atomic))\.so\.\d+$/;

/** What the given native module and this Node.js ask for. @throws Error when packages for other machines cannot be made of them */
export function platformOf(native) {
  const known = process.platform === 'linux' ? machines[process.arch] : undefined;
  if (known === undefined)
    throw new Error(`packages are made on Linux, on x86_64 or aarch64; this is ${process.platform} on ${process.arch}`);
  const node = realpathSync(process.execPath);
  const [loader] = /\/lib[\w./-]*\/ld-linux-[\w.-]+/.exec(readFileSync(node).toString('latin1', 0, 8192)) ?? [];
  if (loader === undefined) throw new Error(`${node} is not made for glibc; use the Node.js of nodejs.org on a system with glibc`);
  const libraries = runtimeFiles([native]).filter(({ path }) => path !== 'usr/local/bin/node');
  const strange = libraries.map(({ path }) => basename(path)).filter((name) => !everywhere.test(name));
  return { ...known, node, loader, glibc: newestGlibc([node, native]), libraries, strange };
}

/** The newest version of glibc whose symbols a program asks for. */
function newestGlibc(programs) {
  const minors = programs.flatMap((program) => {
    const bytes = readFileSync(program);
    const found = [];
    for (let at = bytes.indexOf('\0GLIBC_2.'); at !== -1; at = bytes.indexOf('\0GLIBC_2.', at + 1))
      found.push(Number.parseInt(bytes.toString('latin1', at + 9, at + 12), 10));
    return found;
  });
  return `2.${Math.max(...minors)}`;
}

/** With V8's, OpenSSL's and all the others. */
export function nodeLicence(node) {
  const prefix = dirname(dirname(node));
  const places = ['LICENSE', 'share/doc/nodejs/LICENSE', 'share/doc/node/LICENSE', 'share/licenses/nodejs/LICENSE'].map((path) =>
    join(prefix, path),
  );
  const file = places.find((path) => existsSync(path));
  if (file === undefined) throw new Error(`${node} must not be passed on without its licence, which is in none of ${places.join(', ')}`);
  return file;
}

/** As Debian keeps them: what the packages of the libraries say, the licences that those name, and the versions, by which the sources are found. */
export function libraryLicences(libraries) {
  const packages = [...new Set(libraries.map(({ path, content }) => debianPackage([`/${path}`, content.file])))].sort();
  const versions = packages.map((name) => asked('dpkg-query', '--show', name).trim().replace('\t', ' '));
  const copyrights = packages.map((name) => `/usr/share/doc/${name.replace(/:.*/, '')}/copyright`);
  const missing = copyrights.find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`the libraries must not be passed on without their licences, and ${missing} is missing`);
  const common = copyrights.flatMap(
    (path) => readFileSync(path, 'utf8').match(/\/usr\/share\/common-licenses\/[A-Za-z]+(-[0-9.]*[0-9])?/g) ?? [],
  );
  return { files: [...new Set([...copyrights, ...common])].filter((path) => existsSync(path)).sort(), versions };
}

/** The first path may go through a link that the package does not know, and the second not be the one by which it names the file. */
function debianPackage(paths) {
  for (const path of paths.flatMap((each) => [each, each.replace(/^\/usr/, ''), `/usr${each}`])) {
    try {
      return asked('dpkg-query', '--search', path).split(': ')[0];
    } catch {
      // Another of its names, perhaps.
    }
  }
  throw new Error(`no Debian package owns ${paths[0]}, so its licence is not known; make images on Debian or Ubuntu`);
}

const asked = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
