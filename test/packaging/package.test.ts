// What users get: the tarball of `npm pack` holds only what runs, and runs from where npm installs it.
// Packed from a copy of the sources, because packing builds and writes a manifest, and other tests run the build of this tree meanwhile.
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { list } from 'tar';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesBelow } from '../architecture/tree.js';
import { missingOptional } from './complete-lockfile.js';

const work = await mkdtemp(join(tmpdir(), 'routerctl-package-'));
const copy = join(work, 'copy');
const project = join(work, 'project');
const installed = join(project, 'node_modules/routerctl');
let tarball = '';
afterAll(() => rm(work, { recursive: true, force: true }));

const shipped = [
  /^(package\.json|README\.md|LICENSE|oclif\.manifest\.json)$/,
  /^bin\/run\.js$/,
  /^dist\/(src|checks)\/([a-z0-9-]+\/)*[a-z0-9-]+\.js$/,
  /^dist\/reference-router\/(lab\/)?([a-z0-9-]+\.js|THIRD-PARTY-LICENSES\.txt)$/,
  /^playbooks\/([a-z0-9.-]+\/)*[a-z0-9.-]+\.(yaml|json)$/,
  /^native\/object-wrap\.h$/,
  /^docs\/(glossary|reference\/([a-z0-9-]+\/)*(README|[a-z0-9-]+))\.md$/,
];

beforeAll(async () => {
  await mkdir(copy);
  for (const entry of [
    'src',
    'checks',
    'bin',
    'native',
    'playbooks',
    'docs',
    'package.json',
    'package-lock.json',
    'README.md',
    'LICENSE',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    await cp(entry, join(copy, entry), { recursive: true }).catch(() => undefined);
  }
  await symlink(resolve('node_modules'), join(copy, 'node_modules'));
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', work, '--loglevel=error'], {
    cwd: copy,
    env: { NODE_ENV: 'production' },
  });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as readonly { readonly filename: string }[];
  tarball = join(work, packed?.filename ?? 'missing');
});

test('the tarball holds only what runs', async () => {
  const files: string[] = [];
  await list({ file: tarball, onReadEntry: (entry) => files.push(entry.path.replace(/^package\//, '')) });

  expect(files.filter((file) => !shipped.some((pattern) => pattern.test(file)))).toEqual([]);
  for (const needed of [
    'package.json',
    'LICENSE',
    'README.md',
    'bin/run.js',
    'oclif.manifest.json',
    'dist/src/cli/base-command.js',
    'dist/reference-router/program.js',
    'dist/reference-router/THIRD-PARTY-LICENSES.txt',
    'dist/reference-router/lab/upstream-program.js',
    'dist/reference-router/lab/THIRD-PARTY-LICENSES.txt',
    'native/object-wrap.h',
    'docs/glossary.md',
  ]) {
    expect(files).toContain(needed);
  }
  for (const folder of ['playbooks', 'docs/reference']) {
    expect(files.filter((file) => file.startsWith(`${folder}/`)).sort()).toEqual(
      filesBelow(join(copy, folder))
        .map((file) => file.slice(copy.length + 1))
        .sort(),
    );
  }
});

test('it installs into an empty project and runs there', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true }\n');
  // Without scripts, and with the native file that this clone has built: the compile takes a minute and is the same one again.
  await execa(
    'npm',
    ['install', '--ignore-scripts', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', tarball],
    { cwd: project },
  );
  const native = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
  await cp(resolve(native), join(project, native));
  const run = (...args: readonly string[]) =>
    execa(join(project, 'node_modules/.bin/routerctl'), args, { cwd: project, env: { HOME: work }, reject: false });

  const said = await run('--version');
  expect(said.stdout).toContain(`routerctl/${version} `);
  expect(said.exitCode).toBe(0);

  const playbooks = await run('playbook', 'list');
  expect(playbooks).toMatchObject({ stderr: '', exitCode: 0 });

  const lab = join(project, 'lab');
  expect(await run('lab', 'up', '--home', lab)).toMatchObject({ stderr: '', exitCode: 0 });
  expect(await run('lab', 'down', '--home', lab)).toMatchObject({ stdout: 'router: stopped\nupstream: stopped', exitCode: 0 });

  const database = await execa('node', ['--eval', 'new (require("better-sqlite3"))(":memory:").close()'], {
    cwd: installed,
    reject: false,
  });
  expect(database.exitCode).toBe(0);
});

test('the lockfile names the optional packages of every platform, so that npm ci takes it anywhere', () => {
  expect(missingOptional(JSON.parse(readFileSync('package-lock.json', 'utf8')))).toEqual([]);
});

test('only better-sqlite3 may run an install script', () => {
  const { allowScripts, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly allowScripts: Readonly<Record<string, boolean>>;
    readonly scripts: Readonly<Record<string, string>>;
  };

  expect(allowScripts).toEqual({ 'better-sqlite3': true });
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
});
