import { copyFileSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imagePackage } from '../../checks/image-package.js';
import type { CheckContext } from '../../src/core/check.js';
import { hostArchitecture } from '../../src/router/lab/package-release.js';
import { ComposeDeployment, smallImage } from '../changes/real-compose.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';

const room = mkdtempSync(join(tmpdir(), 'image-package-'));
afterAll(() => rmSync(room, { recursive: true }));
const foreign = hostArchitecture() === 'amd64' ? 'arm64' : 'amd64';

const good = {
  path: '/p/llm-router-1.1.0-linux-amd64.tar',
  sha256: 'aa',
  imageId: `sha256:${'ab'.repeat(32)}`,
  tags: ['llm-router:1.1.0-linux-amd64'],
  architecture: 'amd64',
  operatingSystem: 'linux',
  version: '1.1.0',
  created: null,
  bytes: 1024,
  layers: 2,
  damaged: [],
  repository: 'llm-router',
  engine: { operatingSystem: 'linux', architecture: 'amd64' },
};
const judged = (more: object) => imagePackage.judge({ ...good, ...more }, { artifact: good.path }, {} as CheckContext);

test.each<[string, object, string, RegExp]>([
  ['as it should be', {}, 'pass', /llm-router:1\.1\.0-linux-amd64 is abababababab, 2 layers, 1 KiB, linux\/amd64/],
  ['without labels', { version: null }, 'pass', /./],
  ['with a tag that is its version alone', { tags: ['llm-router:1.1.0'] }, 'pass', /./],
  ['with a damaged layer', { damaged: ['layer 1 has the digest x'] }, 'fail', /layer 1 has the digest/],
  ["of another product's name", { tags: ['other:1.1.0'] }, 'fail', /is called other:1\.1\.0, expected llm-router:<tag>/],
  ['without a name', { tags: [] }, 'fail', /is called nothing/],
  ['called latest', { tags: ['llm-router:latest'], version: null }, 'fail', /latest, which names no version/],
  ['labelled as another version', { version: '1.0.0' }, 'fail', /its tag is 1\.1\.0-linux-amd64, but the image says that it is 1\.0\.0/],
  ['with a tag that only begins like its version', { tags: ['llm-router:1.1.01'] }, 'fail', /but the image says/],
  ['for another platform', { architecture: 'arm64' }, 'fail', /built for linux\/arm64, the engine runs linux\/amd64/],
])('an image %s', (_what, more, status, words) => {
  expect(judged(more)).toMatchObject({ status, summary: expect.stringMatching(words) as string });
});

test('a component that is not installed from an image is skipped', () => {
  expect(imagePackage.judge({ left: 'no image' }, { artifact: 'x' }, {} as CheckContext)).toMatchObject({ status: 'skip' });
});

describe.skipIf(engineMissing !== null)(engineMissing ?? 'image files beside a real engine', () => {
  let engine: DockerEngine;
  let deployment: ComposeDeployment;
  beforeAll(async () => {
    engine = await startDockerEngine();
    deployment = await ComposeDeployment.make(engine);
  });
  afterAll(async () => {
    deployment?.stop();
    await engine?.stop();
  });

  async function asked(artifact: string) {
    const context = { ...deployment.context(), baseline: null, mode: 'expect' } as unknown as CheckContext;
    const observed = await imagePackage.observe({ artifact }, deployment.ports, context);
    if (!('measured' in observed)) throw new Error(observed.unmeasured);
    return imagePackage.judge(observed.measured, { artifact }, context);
  }

  async function altered(alter: (file: string) => void): Promise<string> {
    const file = join(room, 'altered.tar');
    copyFileSync((await smallImage('1.1.0')).file, file);
    alter(file);
    return file;
  }

  test('a whole one passes with its id', async () => {
    const { file, imageId } = await smallImage('1.1.0');
    expect(await asked(file)).toMatchObject({ status: 'pass', summary: expect.stringContaining(imageId.slice(7, 19)) as string });
  });

  test('one byte of a layer that is another one fails', async () => {
    const file = await altered((path) => {
      writeSync(openSync(path, 'r+'), 'X', 5_000_000);
    });
    expect(await asked(file)).toMatchObject({ status: 'fail', summary: expect.stringMatching(/layer \d .*has the digest/) as string });
  });

  test('one that ends in the middle fails', async () => {
    expect(await asked(await altered((path) => truncateSync(path, 5_000_000)))).toMatchObject({ status: 'fail' });
  });

  test('one for another architecture fails', async () => {
    const { file } = await smallImage('1.1.0', 'serves', foreign);
    expect(await asked(file)).toMatchObject({ status: 'fail', summary: expect.stringContaining(`built for linux/${foreign}`) as string });
  });
});
