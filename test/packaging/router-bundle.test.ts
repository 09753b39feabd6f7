// The reference router as few files: what its operators run, and what the build does to make it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bundleRouter, licensesFile } from '../../bin/router-bundle.js';
import { practicePackage } from '../lab/lab.js';

const work = mkdtempSync(join(tmpdir(), 'routerctl-bundle-'));
const made = join(work, 'made');
let modules: Awaited<ReturnType<typeof bundleRouter>>;

beforeAll(async () => {
  modules = await bundleRouter(resolve('.'), made);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

/** As Node tells where a package ends; a package may hold further manifests without a name. */
function packageOf(module: string): string {
  for (let directory = dirname(module); ; directory = dirname(directory)) {
    const file = join(directory, 'package.json');
    const { name, version } = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : {};
    if (name !== undefined && version !== undefined) return `${name} ${version}`;
  }
}

const packagesIn = (files: readonly string[]): string[] => [...new Set(files.filter((file) => existsSync(file)).map(packageOf))];

test('the workers lie beside the program, and the scripted upstream apart from them', () => {
  expect(readdirSync(made)).toEqual(expect.arrayContaining(['program.js', 'report-worker.js', 'usage-worker.js', 'lab']));
  expect(readdirSync(join(made, 'lab')).sort()).toEqual([licensesFile, 'upstream-program.js']);
  expect(modules.router.filter((module) => /\/router\/lab\/|\/pngjs\//.test(module))).toEqual([]);
});

test.each(['router', 'lab'] as const)('the licences of the %s name every package that is in its files, with its text', (which) => {
  const licenses = readFileSync(join(made, which === 'lab' ? 'lab' : '', licensesFile), 'utf8');
  const sections = licenses.split(/^={80}\n(.+)\n={80}\n/m);
  const texts = new Map(sections.flatMap((title, index) => (index % 2 === 1 ? [[title.split(',')[0], sections[index + 1]]] : [])));
  const packages = packagesIn(modules[which]).filter((name) => !name.startsWith('routerctl '));

  expect(packages.length).toBeGreaterThan(which === 'lab' ? 0 : 15);
  expect(packages.filter((name) => !/copyright|blue oak/i.test(texts.get(name) ?? ''))).toEqual([]);
});

test('a release holds the files and their licences, and nothing of the scripted upstream', async () => {
  const listed = execFileSync('tar', ['-tzf', await practicePackage({ version: '1.1.0' })], { encoding: 'utf8' }).split('\n');
  const inLib = listed.flatMap((path) => /^[^/]+\/lib\/(.+)$/.exec(path)?.[1] ?? []);
  const built = readdirSync(made).filter((name) => name !== 'lab');

  expect(inLib.sort()).toEqual([...built, 'package.json'].sort());
  expect(listed.filter((path) => /upstream-program|pngjs|\/lab\//.test(path))).toEqual([]);
});

/** The build step in a tree of its own. */
function tree(name: string): { readonly root: string; readonly built: string; readonly build: () => string } {
  const root = join(work, name);
  mkdirSync(join(root, 'src'), { recursive: true });
  for (const path of ['bin', 'src/router', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(path, join(root, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  const build = () => execFileSync(process.execPath, [join(root, 'bin/bundle-router')], { encoding: 'utf8', stdio: 'pipe' });
  return { root, built: join(root, 'dist/reference-router'), build };
}

test('a build makes it once, and again when a source is another', () => {
  const { root, built, build } = tree('again');
  const identity = () => statSync(built).ino;
  build();
  const first = identity();
  build();
  expect(identity()).toBe(first);

  const source = join(root, 'src/router/log.ts');
  writeFileSync(source, `${readFileSync(source, 'utf8')}process.title = 'another source';\n`);
  build();
  expect(identity()).not.toBe(first);
  expect(
    readdirSync(built).some((name) => name.endsWith('.js') && readFileSync(join(built, name), 'utf8').includes('another source')),
  ).toBe(true);
  expect(readdirSync(join(root, 'dist'))).toEqual(['reference-router']);
});

test('a build that fails leaves what was made before, and nothing beside it', () => {
  const { root, built, build } = tree('failing');
  build();
  const before = readdirSync(built);
  writeFileSync(join(root, 'src/router/log.ts'), 'export const = ;\n');

  expect(build).toThrow(/log\.ts/);
  expect(readdirSync(built)).toEqual(before);
  expect(readdirSync(join(root, 'dist'))).toEqual(['reference-router']);
});

test('what a build that was killed left behind is no bundle, and goes with the next one', async () => {
  const { root, built, build } = tree('killed');
  const modules = join(root, 'node_modules');
  rmSync(modules);
  mkdirSync(modules);
  for (const name of readdirSync('node_modules')) symlinkSync(resolve('node_modules', name), join(modules, name));
  rmSync(join(modules, 'marked'));
  cpSync('node_modules/marked', join(modules, 'marked'), { recursive: true });
  const license = join(modules, 'marked/LICENSE');
  // The build waits there for somebody who writes, with its files half written.
  rmSync(license);
  execFileSync('mkfifo', [license]);
  const child = spawn(process.execPath, [join(root, 'bin/bundle-router')], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const left = join(root, 'dist', `.reference-router-${child.pid}`);
  while (child.exitCode === null && !existsSync(join(left, 'new/program.js'))) await new Promise((done) => setTimeout(done, 5));
  child.kill('SIGKILL');
  await ended;
  expect([existsSync(left), existsSync(built)]).toEqual([true, false]);

  rmSync(license);
  cpSync('node_modules/marked/LICENSE', license);
  build();
  expect(readdirSync(join(root, 'dist'))).toEqual(['reference-router']);
  expect(existsSync(join(built, 'program.js'))).toBe(true);
});
