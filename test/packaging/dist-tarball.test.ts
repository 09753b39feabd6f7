// What an operator unpacks on a host without Node.js and without a compiler. Every command runs from the unpacked tarball alone, with no
// PATH, so that nothing of this clone or of the machine can stand in for something that is missing.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { begin, type Said, sh } from '../e2e/operator.js';

const work = mkdtempSync(join(tmpdir(), 'routerctl-dist-'));
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
const stem = `routerctl-${version}-linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
const host = join(work, 'a host');
const installed = join(host, stem);
const launcher = join(installed, 'bin/routerctl');
const ownNode = join(installed, 'runtime/node');
const bare = { PATH: '/nonexistent', HOME: host, ROUTERCTL_STATE: join(host, 'state'), NO_COLOR: '1' };

const make = (into: string) => promisify(execFile)(process.execPath, [resolve('bin/dist'), '--into', join(work, into), 'tarball']);
const run = (command: string, args: readonly string[], cwd = host, env: NodeJS.ProcessEnv = bare): Promise<Said> =>
  begin(command, args, cwd, env).ended;

beforeAll(async () => {
  await Promise.all([make('first'), make('second')]);
  mkdirSync(host);
  execFileSync('tar', ['-xzf', join(work, 'first', `${stem}.tar.gz`), '-C', host]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const inApp = (): readonly string[] =>
  readdirSync(join(installed, 'app'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(installed, 'app', path)).isFile(),
  );
const isOfPackage = (path: string): boolean => path.startsWith('node_modules/');

test('two builds of the same tree are the same bytes, and SHA256SUMS beside them is right', async () => {
  const [first, second] = ['first', 'second'].map((name) => readFileSync(join(work, name, 'SHA256SUMS'), 'utf8'));

  expect(first).toMatch(new RegExp(`^[0-9a-f]{64} {2}${stem}\\.tar\\.gz\n$`));
  expect(second).toBe(first);
  expect(await sh('sha256sum --check --strict --quiet SHA256SUMS', join(work, 'second'))).toEqual({ ok: true, out: '' });
  expect(readdirSync(join(work, 'first')).sort()).toEqual(['SHA256SUMS', `${stem}.tar.gz`]);
});

test('it is one directory, whose program is what npm would pack', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', stdio: 'pipe' }),
  ) as [{ readonly files: readonly { readonly path: string }[] }];
  const hasSource = (path: string): boolean => !/^dist\/(src|checks)\//.test(path) || existsSync(path.replace(/^dist\/(.*)\.js$/, '$1.ts'));

  expect(readdirSync(host).filter((name) => name !== 'state')).toEqual([stem]);
  expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'app', 'bin', 'platform', 'runtime']);
  expect(
    inApp()
      .filter((path) => !isOfPackage(path))
      .sort(),
  ).toEqual(
    packed.files
      .map(({ path }) => path)
      .filter((path) => path !== 'README.md' && hasSource(path))
      .sort(),
  );
  expect(readFileSync(join(installed, 'runtime/LICENSE'), 'utf8')).toContain('Node.js is licensed');
  expect(readFileSync(ownNode).equals(readFileSync(process.execPath))).toBe(true);
});

interface Listed {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, Listed>>;
}

/** As npm tells what a production installation has; what only fetches or compiles during an installation is not for one that is done. */
function productionPackages(): ReadonlySet<string> {
  const text = execFileSync('npm', ['ls', '--omit=dev', '--all', '--json'], { encoding: 'utf8', stdio: 'pipe' });
  const found = new Set<string>();
  const visit = ({ dependencies = {} }: Listed): void => {
    for (const [name, each] of Object.entries(dependencies)) {
      if (name === 'prebuild-install' || each.version === undefined) continue;
      found.add(`${name} ${each.version}`);
      visit(each);
    }
  };
  visit(JSON.parse(text) as Listed);
  return found;
}

test('it holds the packages of a production installation and no other, each with its licence', () => {
  const files = inApp().filter(isOfPackage);
  const manifests = files.filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path));
  const packages = manifests.map((path) => {
    const { name = '', version: of = '' } = JSON.parse(readFileSync(join(installed, 'app', path), 'utf8')) as Record<string, string>;
    const here = `${dirname(path)}/`;
    return { name: `${name} ${of}`, licensed: files.some((file) => file.startsWith(here) && /^licen[cs]e/i.test(file.slice(here.length))) };
  });

  expect([...new Set(packages.map(({ name }) => name))].sort()).toEqual([...productionPackages()].sort());
  expect(packages.filter(({ licensed }) => !licensed)).toEqual([]);
  expect(files.filter((path) => /\.(map|[cm]?ts|c|cc|cpp|h|o|a)$|\/obj\//.test(path))).toEqual([]);
});

test('every file of the program finds what it imports', async () => {
  // What runs as a program or a thread of its own acts when it is loaded.
  const modules = inApp().filter((path) => /^dist\/(src|checks)\/.*\.js$/.test(path) && !/-(worker|program)\.js$/.test(path));
  const script = `for (const path of ${JSON.stringify(modules.map((path) => join(installed, 'app', path)))}) await import(path);`;

  expect(modules.length).toBeGreaterThan(300);
  expect(await run(ownNode, ['--input-type=module', '--eval', script])).toEqual({ code: 0, out: '', err: '' });
});

test('it starts from any directory, through links to it and to its directory, and from a shell', async () => {
  const elsewhere = join(host, 'else where');
  mkdirSync(elsewhere);
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  symlinkSync(`../${stem}/bin/routerctl`, join(elsewhere, 'rc'));
  symlinkSync('rc', join(elsewhere, 'again'));
  symlinkSync(installed, join(elsewhere, 'current'));
  const ways = [
    [launcher],
    [join(elsewhere, 'rc')],
    ['./again', elsewhere],
    ['current/bin/routerctl', elsewhere],
    ['./routerctl', join(installed, 'bin')],
  ] as const;
  const said = { code: 0, out: `routerctl/${version} linux-${process.arch} node-${process.version}\n`, err: '' };

  for (const [command, cwd] of ways) expect(await run(command, ['--version'], cwd)).toEqual(said);
  expect(await run('/bin/sh', ['routerctl', '--version'], join(installed, 'bin'))).toEqual(said);
  expect(await run(launcher, ['explain', 'no', 'such word'])).toMatchObject({ code: 2, out: '' });
});

test('a system that it is not made for is refused in one line, as is a part of it alone', async () => {
  const other = join(host, 'other');
  mkdirSync(join(other, 'bin'), { recursive: true });
  onTestFinished(() => rmSync(other, { recursive: true }));
  writeFileSync(join(other, 'bin/routerctl'), readFileSync(launcher));
  chmodSync(join(other, 'bin/routerctl'), 0o755);
  const platform = readFileSync(join(installed, 'platform'), 'utf8');
  const on = async (text: string): Promise<string> => {
    writeFileSync(join(other, 'platform'), text);
    const { code, out, err } = await run(join(other, 'bin/routerctl'), ['--version']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trim().split('\n')).toHaveLength(1);
    return err;
  };

  expect(platform).toMatch(/^routerctl_machine=\w+\nrouterctl_loader=\/lib\S+\nrouterctl_glibc=2\.\d+\n$/);
  expect(await on(platform.replace(/loader=.*/, 'loader=/lib/ld-none.so.1'))).toMatch(
    /^error: this routerctl is for Linux on .* has no \/lib\/ld-none/,
  );
  expect(await on(platform.replace(/glibc=.*/, 'glibc=2.999'))).toMatch(/with glibc 2\.999 or newer, and this system has glibc 2\.\d+;/);
  rmSync(join(other, 'platform'));
  expect(await run(join(other, 'bin/routerctl'), ['--version'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('unpack the whole tarball'),
  });
});

test('its completion offers every command, and the values of flags, to a shell without this clone', async () => {
  const { commands } = JSON.parse(readFileSync(join(installed, 'app/oclif.manifest.json'), 'utf8')) as {
    readonly commands: Readonly<Record<string, { readonly hidden?: boolean }>>;
  };
  const shown = Object.entries(commands).flatMap(([id, { hidden }]) => (hidden === true ? [] : [id.split(':')[0] ?? '']));
  const script = join(host, 'completion.bash');
  writeFileSync(script, (await run(launcher, ['completion', 'bash'])).out);
  const offers = async (...words: readonly string[]): Promise<readonly string[]> => {
    const ask = `source '${script}'; COMP_WORDS=(routerctl "$@"); COMP_CWORD=$#; _routerctl; echo "\${COMPREPLY[@]}"`;
    return (await run('/bin/bash', ['--norc', '-c', ask, 'bash', ...words])).out.trim().split(' ');
  };

  expect(await offers('')).toEqual([...new Set(shown)].sort());
  expect(await offers('usage-report', '--by', 'c')).toEqual(['caller', 'cache', 'cost']);
  expect(await offers('completion', '')).toEqual(['bash', 'zsh', 'fish']);
});

/** Command lines of the processes that name the host's directory, by the program that each of them is. */
function seenPrograms(): readonly (readonly [program: string, words: string])[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(host) ? [[readlinkSync(`/proc/${name}/exe`), words] as const] : [];
      } catch {
        // Gone meanwhile.
        return [];
      }
    });
}

test('it upgrades a router, and every process of the run is its own Node.js, whatever PATH offers', async () => {
  const lab = join(host, 'lab');
  const trap = join(host, 'trap');
  mkdirSync(trap);
  writeFileSync(join(trap, 'node'), `#!/bin/sh\necho "$@" >>'${trap}/sprung'\nexit 1\n`, { mode: 0o755 });
  onTestFinished(() => {
    spawnSync(launcher, ['lab', 'down', '--home', lab], { env: bare });
  });
  expect(await run(launcher, ['lab', 'up', '--home', lab])).toMatchObject({ code: 0, err: '' });
  expect(await run(launcher, ['lab', 'package', '--version', '1.1.0', '--out', host])).toMatchObject({ code: 0, err: '' });
  const [archive = ''] = readdirSync(host).filter((name) => name.startsWith('reference-router-1.1.0'));

  const programs = new Set<string>();
  const commands = new Set<string>();
  const look = setInterval(() => {
    for (const [program, words] of seenPrograms()) {
      const [, command] = /app\/bin\/run\.js (run \w+|upgrade) /.exec(words) ?? [];
      if (command === undefined) continue;
      programs.add(program);
      commands.add(command);
    }
  }, 10);
  const upgraded = await run(launcher, ['upgrade', '--to', join(host, archive), '-y', '--change', 'T-1'], lab, {
    ...bare,
    PATH: trap,
  }).finally(() => clearInterval(look));

  expect(upgraded, upgraded.err).toMatchObject({ code: 0 });
  expect([...programs]).toEqual([ownNode]);
  expect([...commands]).toEqual(expect.arrayContaining(['upgrade', 'run exec', 'run guard', 'run probe']));
  expect(existsSync(join(trap, 'sprung'))).toBe(false);
  expect(await run(launcher, ['playbook', 'lint', join(installed, 'app/playbooks/smoke.yaml')])).toMatchObject({ code: 0 });
  expect(await run(launcher, ['usage-report', '--db', join(lab, 'usage.sqlite'), '--json'])).toMatchObject({ code: 0, err: '' });
  expect(await run(launcher, ['lab', 'down', '--home', lab])).toMatchObject({ code: 0, out: 'router: stopped\nupstream: stopped\n' });
});

test('what cannot be packed is refused in one line: a tree that was not built, an unknown argument', async () => {
  const tree = join(work, 'tree');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  writeFileSync(join(tree, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(tree, 'bin/dist'), readFileSync('bin/dist'));

  expect(await run(process.execPath, [join(tree, 'bin/dist')], work)).toEqual({
    code: 1,
    out: '',
    err: 'error: nothing is built here, or only half; run: npm run build\n',
  });
  expect(await run(process.execPath, [resolve('bin/dist'), 'rpm'], work)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^error: unknown argument rpm;.*\n$/),
  });
});
