import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/router/config/config-file.js';
import { freePort } from '../../../src/router/lab/free-port.js';
import { type ImagePackage, packageImage } from '../../../src/router/lab/package-image.js';
import { hostArchitecture } from '../../../src/router/lab/package-release.js';
import { bundledRouter } from '../../lab/compiled-router.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../../parts/docker-engine.js';

const scratch = mkdtempSync(join(tmpdir(), 'routerctl-image-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const architecture = hostArchitecture();
const foreign = architecture === 'amd64' ? 'arm64' : 'amd64';

let made: ImagePackage;
const build = async (more: Partial<Parameters<typeof packageImage>[0]> = {}): Promise<ImagePackage> =>
  packageImage({
    version: '1.1.0',
    outDirectory: mkdtempSync(join(scratch, 'out-')),
    programDirectory: await bundledRouter(),
    ...more,
  });
beforeAll(async () => {
  made = await build();
});

const imageOf = ({ directory }: ImagePackage): string => join(directory, 'images', readdirSync(join(directory, 'images'))[0] ?? '');
const member = (image: string, path: string): string => execFileSync('tar', ['-xOf', image, path], { encoding: 'utf8' });
const configOf = (image: string) => {
  const [{ Config, RepoTags }] = JSON.parse(member(image, 'manifest.json')) as [{ Config: string; RepoTags: string[] }];
  return { RepoTags, digest: Config.replace('.json', ''), config: JSON.parse(member(image, Config)) as Record<string, unknown> };
};

test('an image package is an image file and its compose project, with digests of every file', () => {
  const stem = `reference-router-1.1.0-linux-${architecture}`;
  const files = readdirSync(made.directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(made.directory, path)).isFile(),
  );

  expect(files.sort()).toEqual([
    ...['RELEASE.json', 'RELEASE_NOTES.md', 'SHA256SUMS'],
    ...[
      'compose/.env',
      'compose/.env.example',
      'compose/compose.yaml',
      'compose/config.yaml',
      'compose/license/license.json',
      `images/${stem}.tar`,
    ],
  ]);
  const listed = readFileSync(join(made.directory, 'SHA256SUMS'), 'utf8').trim().split('\n');
  expect(listed.map((line) => line.slice(66))).toEqual(files.filter((path) => path !== 'SHA256SUMS'));
  expect(execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], { cwd: made.directory, encoding: 'utf8' })).toBe('');
});

test('what the image file says of itself is what the package says', () => {
  const { RepoTags, digest, config } = configOf(imageOf(made));

  expect(RepoTags).toEqual([`reference-router:1.1.0-linux-${architecture}`]);
  expect(made).toMatchObject({ image: RepoTags[0], tag: `1.1.0-linux-${architecture}`, imageId: `sha256:${digest}` });
  expect(config).toMatchObject({
    architecture,
    os: 'linux',
    created: '2026-01-02T00:00:00.000Z',
    config: { Labels: { 'org.opencontainers.image.version': '1.1.0', 'org.opencontainers.image.revision': made.commit } },
  });
});

test('the same inputs give the same image, and two versions share the layer below', async () => {
  const again = await build();
  const other = await build({ version: '1.2.0' });
  const layers = (image: ImagePackage) => (configOf(imageOf(image)).config['rootfs'] as { diff_ids: string[] }).diff_ids;

  expect(again.imageId).toBe(made.imageId);
  expect(other.imageId).not.toBe(made.imageId);
  expect(layers(other)[0]).toBe(layers(made)[0]);
  expect(layers(other)[1]).not.toBe(layers(made)[1]);
});

test('an image for another architecture says so in its name and its config', async () => {
  const image = await build({ architecture: foreign });

  expect(image.tag).toBe(`1.1.0-linux-${foreign}`);
  expect(configOf(imageOf(image)).config['architecture']).toBe(foreign);
});

test('another product has its own name in files, tags and variables', async () => {
  const image = await build({ product: 'smart-llmrouter' });

  expect(image.image).toBe(`smart-llmrouter:1.1.0-linux-${architecture}`);
  expect(imageOf(image).endsWith(`images/smart-llmrouter-1.1.0-linux-${architecture}.tar`)).toBe(true);
  expect(readFileSync(join(image.directory, 'compose/.env'), 'utf8')).toContain(`SMART_LLMROUTER_VERSION=${image.tag}\n`);
  expect(readFileSync(join(image.directory, 'compose/compose.yaml'), 'utf8')).toContain('smart-llmrouter:${SMART_LLMROUTER_VERSION:?');
});

test('the config that comes along is valid, and what will hold keys is not for everybody', () => {
  const compose = join(made.directory, 'compose');

  expect(loadConfig(join(compose, 'config.yaml')).config.product).toBe('reference-router');
  expect(statSync(join(compose, '.env')).mode & 0o777).toBe(0o600);
  expect(statSync(join(compose, 'config.yaml')).mode & 0o777).toBe(0o640);
});

test('a package that is there already is not written over, and nothing half-written stays', async () => {
  const outDirectory = mkdtempSync(join(scratch, 'out-'));
  await build({ outDirectory });

  await expect(build({ outDirectory })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  await expect(build({ outDirectory, product: 'Not a name' })).rejects.toMatchObject({ code: 'USAGE' });
  expect(readdirSync(outDirectory)).toEqual([`reference-router-1.1.0-linux-${architecture}`]);
});

describe.skipIf(engineMissing !== null)(engineMissing ?? 'in a real engine', () => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await startDockerEngine();
  });
  afterAll(() => engine?.stop());

  test('the loaded image has the promised id, and its compose project serves the version until it is taken down', async () => {
    const compose = join(made.directory, 'compose');
    const port = await freePort();
    const variables = readFileSync(join(compose, '.env'), 'utf8');
    writeFileSync(join(compose, '.env'), variables.replace('_PORT=8080', `_PORT=${port}`).replace('API_KEY=', 'API_KEY=sk-practice'));
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);

    expect(engine.docker(['load', '--input', imageOf(made)])).toContain(made.image);
    expect(engine.docker(['image', 'inspect', '--format', '{{.Id}} {{.Architecture}}', made.image]).trim()).toBe(
      `${made.imageId} ${architecture}`,
    );
    engine.docker(['compose', '--progress', 'quiet', 'up', '--detach', '--wait'], compose);
    try {
      expect((await ask('/readyz'))?.status).toBe(200);
      expect(await (await ask('/version'))?.json()).toMatchObject({ version: '1.1.0', commit: made.commit });
      expect(statSync(join(compose, 'data', 'usage.sqlite')).size).toBeGreaterThan(0);
      expect(engine.docker(['compose', 'ps', '--format', '{{.Health}}'], compose).trim()).toBe('healthy');
    } finally {
      engine.docker(['compose', '--progress', 'quiet', 'down'], compose);
    }
    for (let tries = 0; tries < 40 && (await ask('/readyz')) !== null; tries += 1) await sleep(50);
    expect(await ask('/readyz')).toBeNull();
  });
});
