// The container image of routerctl: what is in it can be told without an engine, and what it does is asked of a real one.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sh } from '../e2e/operator.js';
import { startLab } from '../lab/lab.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';

const work = mkdtempSync(join(tmpdir(), 'routerctl-dist-image-'));
const { version, description } = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<Record<string, string>>;
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const name = `routerctl-${version}-linux-${architecture}.image.tar`;
const image = join(work, 'first', name);
const reference = `routerctl:${version}`;

const make = (into: string) => promisify(execFile)(process.execPath, [resolve('bin/dist'), '--into', join(work, into), 'image']);
beforeAll(() => Promise.all([make('first'), make('second')]));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const member = (path: string): string => execFileSync('tar', ['-xOf', image, path], { encoding: 'utf8' });
interface Manifest {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}
const manifest = (): Manifest => (JSON.parse(member('manifest.json')) as [Manifest])[0];
const filesInLayers = (): readonly string[] =>
  manifest().Layers.flatMap((layer) => {
    const { stdout } = spawnSync('bash', ['-c', 'tar -xOf "$0" "$1" | tar -t', image, layer], { encoding: 'utf8', maxBuffer: 2 ** 24 });
    return stdout.split('\n').filter((path) => path !== '' && !path.endsWith('/'));
  });

test('two builds of the same tree are the same bytes, and SHA256SUMS beside them is right', async () => {
  const [first, second] = ['first', 'second'].map((each) => readFileSync(join(work, each, 'SHA256SUMS'), 'utf8'));

  expect(first).toMatch(new RegExp(`^[0-9a-f]{64} {2}${name}\n$`));
  expect(second).toBe(first);
  expect(await sh('sha256sum --check --strict --quiet SHA256SUMS', join(work, 'second'))).toEqual({ ok: true, out: '' });
});

test('it says what it is, and is run by nobody in particular', () => {
  const { Config, RepoTags } = manifest();
  const { config, ...rest } = JSON.parse(member(Config)) as { readonly config: Record<string, unknown> };

  expect(RepoTags).toEqual([reference]);
  expect(rest).toMatchObject({ architecture, os: 'linux' });
  expect(config).toMatchObject({
    User: '65532:65532',
    Labels: {
      'org.opencontainers.image.title': 'routerctl',
      'org.opencontainers.image.description': description,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.000Z$/),
    },
  });
});

test('there is nothing in it but Node.js, its libraries, the program, and the licences of all three', () => {
  const files = filesInLayers();
  const outside = files.filter((path) => !path.startsWith('opt/routerctl/'));

  expect(files).toEqual(expect.arrayContaining(['usr/local/bin/node', 'opt/routerctl/bin/run.js', 'opt/routerctl/LICENSE']));
  expect(
    outside.filter((path) => !/\.so(\.\d+)*$|^usr\/share\/(doc|common-licenses)\/|^etc\/(passwd|group|nsswitch\.conf)$/.test(path)),
  ).toEqual(['usr/local/bin/node']);
  for (const licence of ['node/LICENSE', 'libc6/copyright', 'libstdc++6/copyright', 'libgcc-s1/copyright'])
    expect(outside).toContain(`usr/share/doc/${licence}`);
  expect(outside.filter((path) => path.startsWith('usr/share/common-licenses/'))).toEqual(
    expect.arrayContaining(['usr/share/common-licenses/LGPL-2.1', 'usr/share/common-licenses/GPL-3']),
  );
});

describe.skipIf(engineMissing !== null)(engineMissing ?? 'in a real engine', () => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await startDockerEngine();
    engine.docker(['load', '--quiet', '--input', image]);
  });
  afterAll(() => engine?.stop());

  const run = (...args: readonly string[]): string => engine.docker(['run', '--rm', '--network', 'none', ...args]);

  test('it runs as a user without rights, and as whoever owns the files that it is given', () => {
    const whoAmI = ['--entrypoint', '/usr/local/bin/node', reference, '--print', 'process.getuid()'];

    expect(run(reference, '--version')).toBe(`routerctl/${version} linux-${process.arch} node-${process.version}\n`);
    expect(run(...whoAmI)).toBe('65532\n');
    expect(run('--user', '1234:1234', ...whoAmI)).toBe('1234\n');
  });

  test('it asks a router whether it does its job, as a user whom its passwd does not know, and reads what that recorded', async () => {
    const lab = await startLab();
    onTestFinished(() => lab.stop());
    const { uid, gid } = userInfo();
    const files = ['--volume', `${lab.home}:/work`, '--user', `${uid}:${gid}`, reference];
    const asker = ['--network', 'host', '--user', '1234:1234', '--env', `CALLER=${lab.token}`, reference];

    expect(engine.docker(['run', '--rm', ...asker, 'smoke', lab.url, '--key', 'env:CALLER', '--yes'])).toMatch(/ 5 passed, 2 skipped,/);
    expect(JSON.parse(run(...files, 'usage-report', '--db', 'usage.sqlite', '--json'))).toMatchObject({
      total: { requests: 2, errors: 0, streams: 1 },
    });
  });
});
