import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archivesTar } from '../../src/adapters/archives-tar.js';
import { containersDocker } from '../../src/adapters/containers-docker.js';
import { imagePackageFaults, readImagePackage } from '../../src/core/image-package.js';
import { createRedactor } from '../../src/core/redaction.js';
import { hostArchitecture } from '../../src/router/lab/package-release.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';
import { programImage, smallImage, textLayer, withManifest } from './image-files.js';

const scratch = mkdtempSync(join(tmpdir(), 'containers-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (name: string): string => join(scratch, name);
const containers = containersDocker(createRedactor());

describe.skipIf(engineMissing !== null)(engineMissing ?? 'in a real engine', () => {
  let engine: DockerEngine;
  let here: string;
  beforeAll(async () => {
    engine = await startDockerEngine();
    here = engine.address;
  });
  afterAll(() => engine?.stop());

  test('the engine says what it is', async () => {
    expect(await containers.engine(here)).toEqual({
      version: engine.docker(['version', '--format', '{{.Server.Version}}']).trim(),
      operatingSystem: 'linux',
      architecture: hostArchitecture(),
      root: engine.docker(['info', '--format', '{{.DockerRootDir}}']).trim(),
      imageIds: 'config',
    });
  });

  test('an image is loaded under the given name alone, whatever names the file gives, and none that is in use moves', async () => {
    const old = smallImage(at('old.tar'), 'router:current');
    const wanted = smallImage(at('new.tar'), 'router:current', { layers: [textLayer('etc/new', 'new')] });
    await containers.load(here, old.file, 'router:current');
    await containers.load(here, wanted.file, 'router:1.2.0');

    expect((await containers.image(here, 'router:current'))?.id).toBe(old.imageId);
    expect(await containers.image(here, 'router:1.2.0')).toEqual({
      id: wanted.imageId,
      tags: ['router:1.2.0'],
      digests: [],
      architecture: hostArchitecture(),
      operatingSystem: 'linux',
      labels: { 'org.opencontainers.image.version': '1.2.3' },
      createdAt: '2026-02-03T04:05:06Z',
      bytes: 3,
    });
    expect((await containers.images(here)).map(({ id }) => id)).toEqual(expect.arrayContaining([old.imageId, wanted.imageId]));
    expect(await containers.image(here, wanted.imageId)).toMatchObject({ id: wanted.imageId });
    expect(await containers.image(here, 'router:none')).toBeNull();
  });

  test('loaded twice, an image only gets the second name too', async () => {
    const image = smallImage(at('twice.tar'), 'twice:x');
    await containers.load(here, image.file, 'twice:1');
    await containers.load(here, image.file, 'twice:1');
    await containers.load(here, image.file, 'twice:2');

    expect((await containers.image(here, image.imageId))?.tags.toSorted()).toEqual(['twice:1', 'twice:2']);
  });

  test('a compressed file is loaded like a plain one', async () => {
    const image = smallImage(at('plain.tar'), 'plain:x');
    writeFileSync(at('plain.tar.gz'), gzipSync(readFileSync(image.file)));
    await containers.load(here, at('plain.tar.gz'), 'compressed:1');

    expect((await containers.image(here, 'compressed:1'))?.id).toBe(image.imageId);
  });

  test('what the engine itself saved, with one layer standing for another, is read and loaded again', async () => {
    const [one, two] = [textLayer('same', 'x'), textLayer('other', 'y')];
    const made = smallImage(at('links.tar'), 'links:three', { layers: [one, two, one] });
    engine.docker(['load', '--input', made.file]);
    engine.docker(['save', '--output', at('saved.tar'), 'links:three']);
    expect(spawnSync('tar', ['-tvf', at('saved.tar')], { encoding: 'utf8' }).stdout).toContain('/layer.tar -> ../');
    engine.docker(['image', 'rm', 'links:three']);
    expect(await containers.image(here, made.imageId)).toBeNull();

    await containers.load(here, at('saved.tar'), 'links:again');

    expect((await containers.image(here, 'links:again'))?.id).toBe(made.imageId);
    expect(await readImagePackage(at('saved.tar'), archivesTar())).toMatchObject({ imageId: made.imageId, layers: 3 });
    expect(await imagePackageFaults(at('saved.tar'), archivesTar())).toEqual([]);
  });

  test('an image is saved whole, under its name, to a file that did not exist', async () => {
    const image = smallImage(at('kept.tar'), 'kept:x');
    await containers.load(here, image.file, 'kept:1');
    const file = at('kept-saved.tar');
    await containers.save(here, image.imageId, file, 'kept:1');

    expect(await readImagePackage(file, archivesTar())).toMatchObject({ imageId: image.imageId, repositoryTags: ['kept:1'] });
    await expect(containers.save(here, image.imageId, file, 'kept:1')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await containers.untag(here, 'kept:1');
    expect(await containers.image(here, image.imageId)).toBeNull();
    await containers.load(here, file, 'kept:2');
    expect((await containers.image(here, 'kept:2'))?.id).toBe(image.imageId);
  });

  test('nothing is saved of an image that is not there, or under a name that points to another', async () => {
    const one = smallImage(at('one.tar'), 'one:x');
    const other = smallImage(at('other.tar'), 'other:x');
    await containers.load(here, one.file, 'one:1');
    await containers.load(here, other.file, 'other:1');

    await expect(containers.save(here, one.imageId, at('refused.tar'), 'other:1')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
    await expect(containers.save(here, one.imageId, at('refused.tar'), 'none:1')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
    expect(readdirSync(scratch).filter((name) => name.includes('refused'))).toEqual([]);
  });

  test('a name is moved to another image and taken away, and the image goes with its last name', async () => {
    const first = smallImage(at('first.tar'), 'first:x');
    const second = smallImage(at('second.tar'), 'second:x');
    await containers.load(here, first.file, 'moving:first');
    await containers.load(here, second.file, 'moving:second');
    await containers.tag(here, first.imageId, 'moving:name');
    await containers.tag(here, second.imageId, 'moving:name');
    expect((await containers.image(here, 'moving:name'))?.id).toBe(second.imageId);

    await containers.untag(here, 'moving:name');
    expect((await containers.image(here, second.imageId))?.tags).toEqual(['moving:second']);
    await containers.untag(here, 'moving:second');
    expect(await containers.image(here, second.imageId)).toBeNull();
    await containers.untag(here, 'moving:second');
    await expect(containers.tag(here, second.imageId, 'moving:name')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  });

  test('what is no name with a tag is neither given nor taken away', async () => {
    const image = smallImage(at('named.tar'), 'named:x');
    await containers.load(here, image.file, 'docker.io/library/named:1');
    for (const wrong of [image.imageId, 'named', 'a/../b:1', `named@${image.imageId}`, ''])
      await expect(containers.untag(here, wrong), wrong).rejects.toMatchObject({ code: 'USAGE' });

    expect((await containers.image(here, image.imageId))?.tags).toEqual(['named:1']);
    await containers.untag(here, 'docker.io/library/named:1');
    expect(await containers.image(here, image.imageId)).toBeNull();
  });

  test('a file that ends in the middle is refused before anything is sent', async () => {
    const image = smallImage(at('cut.tar'), 'cut:x');
    truncateSync(image.file, image.bytes / 2);

    await expect(containers.load(here, image.file, 'cut:1')).rejects.toMatchObject({ code: 'PACKAGE_TRUNCATED' });
    expect(await containers.image(here, 'cut:1')).toBeNull();
  });

  test('a layer with other bytes than the config lists is refused by the engine in the midst of its answer, and no name is given', async () => {
    const image = smallImage(at('altered.tar'), 'altered:x');
    const bytes = readFileSync(image.file);
    bytes[bytes.indexOf('upper\n')] = 0x55;
    writeFileSync(at('altered.tar'), bytes);

    await expect(containers.load(here, image.file, 'altered:1')).rejects.toMatchObject({
      code: 'ENGINE_REFUSED',
      message: expect.stringContaining('invalid diffID'),
    });
    expect(await containers.image(here, 'altered:1')).toBeNull();
  });

  test('two images in one file are refused', async () => {
    const image = smallImage(at('single.tar'), 'single:x');
    const two = withManifest(image.file, at('two.tar'), ([one]) => [one, { ...one, RepoTags: ['second:x'] }]);

    await expect(containers.load(here, two, 'two:1')).rejects.toMatchObject({
      code: 'PACKAGE_UNREADABLE',
      message: expect.stringContaining('2 images'),
    });
  });

  describe('with containers', () => {
    let imageId: string;
    beforeAll(async () => {
      const image = programImage(at('program'), 'said:x');
      imageId = image.imageId;
      await containers.load(here, image.file, 'said:1');
    });
    const run = (...args: readonly string[]): string => engine.docker(['run', '--network', 'none', '--detach', ...args]).trim();
    const until = async (labels: Record<string, string>, state: (facts: Awaited<ReturnType<typeof first>>) => boolean) => {
      for (;;) {
        const facts = await first(labels);
        if (state(facts)) return facts;
        await sleep(50);
      }
    };
    const first = async (labels: Record<string, string>) => {
      const [facts] = await containers.containers(here, labels);
      if (facts === undefined) throw new Error('no container');
      return facts;
    };

    test('a container that has ended tells how, with its last words of both streams', async () => {
      const id = run('--label', 'about=ended', '--label', 'name=a b', '--name', 'ended', 'said:1');
      const facts = await until({ about: 'ended', name: 'a b' }, ({ state }) => state === 'exited');

      expect(facts).toEqual({
        ...{ id, name: 'ended', imageId, imageName: 'said:1', state: 'exited', health: null, restarts: 0, exitCode: 3, outOfMemory: false },
        ...{ pid: 0, startedAtMs: expect.any(Number), labels: { about: 'ended', name: 'a b' } },
      });
      expect(await containers.logTail(here, id, 10)).toEqual(['first', 'second, ä', 'third']);
      expect(await containers.logTail(here, id, 2)).toEqual(['second, ä', 'third']);
      await expect(containers.logTail(here, 'none', 2)).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
      expect(await containers.containers(here, { about: 'ended', name: 'a' })).toEqual([]);
    });

    test('containers come oldest first, and only those with every label', async () => {
      const ids = [run('--label', 'about=order', 'said:1', 'stay'), run('--label', 'about=order', '--label', 'b=', 'said:1', 'stay')];

      expect((await containers.containers(here, { about: 'order' })).map(({ id }) => id)).toEqual(ids);
      expect((await containers.containers(here, { about: 'order', b: '' })).map(({ id }) => id)).toEqual(ids.slice(1));
      expect((await containers.containers(here, {})).map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    });

    test('one that was never started, runs, is paused, or is restarted again and again says so', async () => {
      engine.docker(['create', '--network', 'none', '--label', 'about=created', 'said:1']);
      expect(await first({ about: 'created' })).toMatchObject({ state: 'created', startedAtMs: null, pid: 0 });
      run('--label', 'about=running', '--name', 'running', 'said:1', 'stay');
      const running = await first({ about: 'running' });
      expect(running).toMatchObject({ state: 'running', exitCode: 0 });
      expect(readFileSync(`/proc/${running.pid}/cmdline`, 'utf8')).toContain('/said');
      engine.docker(['pause', 'running']);
      expect(await first({ about: 'running' })).toMatchObject({ state: 'paused' });
      engine.docker(['unpause', 'running']);
      run('--label', 'about=again', '--restart', 'always', 'said:1');
      expect(await until({ about: 'again' }, ({ restarts }) => restarts > 1)).toMatchObject({ exitCode: 3 });
    });

    test('a health check is starting first, and then what it found', async () => {
      const check = (program: string) => ['--health-cmd', program, '--health-interval', '300ms', '--health-retries', '1'];
      run(...check('unused'), '--label', 'about=sick', 'said:1', 'stay');
      expect(await until({ about: 'sick' }, ({ health }) => health === 'unhealthy')).toMatchObject({ state: 'running' });
      const image = smallImage(at('healthy.tar'), 'healthy:x', {
        layers: [
          { files: [{ path: 'said', content: { file: at('program/said') }, executable: true }], directories: {}, time: new Date(0) },
        ],
        config: { Entrypoint: ['/said'], Healthcheck: { Test: ['CMD', '/said', 'well'], Interval: 3_000_000_000 } },
      });
      await containers.load(here, image.file, 'healthy:1');
      run('--label', 'about=well', 'healthy:1', 'stay');
      expect((await first({ about: 'well' })).health).toBe('starting');
      await until({ about: 'well' }, ({ health }) => health === 'healthy');
    });

    test('with a terminal the log is told as it is', async () => {
      const id = run('--tty', '--label', 'about=tty', 'said:1');
      await until({ about: 'tty' }, ({ state }) => state === 'exited');

      expect(await containers.logTail(here, id, 10)).toEqual(['first', 'second, ä', 'third']);
    });

    test('the last name of an image that a container uses stays', async () => {
      run('--label', 'about=used', 'said:1', 'stay');

      await expect(containers.untag(here, 'said:1')).rejects.toMatchObject({
        code: 'ENGINE_REFUSED',
        message: expect.stringContaining('is using'),
      });
      expect((await containers.image(here, 'said:1'))?.id).toBe(imageId);
    });
  });
});
