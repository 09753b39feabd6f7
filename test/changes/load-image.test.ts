import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadImage } from '../../src/changes/load-image.js';
import { hostArchitecture } from '../../src/router/lab/package-release.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';
import { ComposeDeployment, type SmallImage, smallImage } from './real-compose.js';
import { KilledHere, killedAt, Step } from './real-deployment.js';

let engine: DockerEngine;
let deployment: ComposeDeployment;
let next: SmallImage;

const stepFor = async (file: string, more: object = {}) =>
  await new Step(loadImage, { artifact: file, ...more }, deployment.context('load')).prepare(deployment.ports);
const names = (): readonly string[] => engine.docker(['images', '--format', '{{.Repository}}:{{.Tag}}']).split('\n').filter(Boolean).sort();
const idOf = (name: string): string => engine.docker(['image', 'inspect', '--format', '{{.Id}}', name]).trim();

describe.skipIf(engineMissing !== null)(engineMissing ?? 'load-image', () => {
  beforeAll(async () => {
    engine = await startDockerEngine();
    next = await smallImage('1.1.0', 'nothing');
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    deployment = await ComposeDeployment.make(engine, { isStarted: false });
  });
  afterEach(() => {
    deployment.stop();
    engine.docker(['image', 'prune', '--all', '--force']);
  });

  test('loads the image under its name, keeps what serves by a name and as a file, and is done when asked again', async () => {
    const { ports } = deployment;
    const step = await stepFor(next.file, { version: '1.1.0' });
    expect(await step.inspect(ports)).toBe('absent');
    expect(await step.apply(ports)).toMatchObject({
      status: 'done',
      effects: { image: 'small:1.1.0', tag: '1.1.0', imageId: next.imageId },
    });
    expect(names()).toEqual(['routerctl/kept:run1', 'small:1.0.0', 'small:1.1.0']);
    expect([idOf('small:1.1.0'), idOf('routerctl/kept:run1')]).toEqual([next.imageId, idOf('small:1.0.0')]);
    expect(existsSync(join(deployment.root, 'run/undo/load/load-previous-image.tar'))).toBe(true);
    expect(await step.inspect(ports)).toBe('present');
    expect(await step.apply(ports)).toMatchObject({ status: 'unchanged' });
  });

  test('its plan tells name, id, platform and size, and what the name means now', async () => {
    const step = await stepFor(next.file);
    const { diff, effects } = await step.definition.plan(step.spec, deployment.ports, step.context);
    expect(diff).toEqual([{ sign: '+', text: expect.stringMatching(/^small:1\.1\.0: [0-9a-f]{12}, linux\/\w+, [\d.]+ MiB$/) as string }]);
    expect(effects).toMatchObject({ image: 'small:1.1.0', tag: '1.1.0', imageId: next.imageId });
    engine.docker(['tag', 'small:1.0.0', 'small:1.1.0']);
    const again = await step.definition.plan(step.spec, deployment.ports, step.context);
    expect(again.diff[0]).toMatchObject({ sign: '~', text: expect.stringMatching(/^small:1\.1\.0: [0-9a-f]{12} -> /) as string });
    expect(names()).not.toContain('routerctl/kept:run1');
  });

  test('a name that means another image moves only when the loaded one is proven, and moves back', async () => {
    const { ports } = deployment;
    engine.docker(['tag', 'small:1.0.0', 'small:1.1.0']);
    const before = idOf('small:1.1.0');
    const step = await stepFor(next.file);
    await step.apply(ports);
    expect(idOf('small:1.1.0')).toBe(next.imageId);
    await step.revert(ports);
    expect(idOf('small:1.1.0')).toBe(before);
  });

  test('an image that says another version than expected gets no name', async () => {
    const step = await stepFor(next.file, { version: '1.9.0' });
    expect(await step.apply(deployment.ports)).toMatchObject({
      status: 'failed',
      summary: 'the image says that it is 1.1.0, expected 1.9.0; small:1.1.0 was not touched',
    });
    expect(names().filter((name) => !name.startsWith('routerctl/kept'))).toEqual(['small:1.0.0']);
  });

  test('an image that served and was removed behind our back is loaded again from the saved file', async () => {
    const { ports } = deployment;
    const step = await stepFor(next.file);
    await step.apply(ports);
    const served = idOf('small:1.0.0');
    deployment.compose('down', '--timeout', '1');
    engine.docker(['rmi', '--force', served]);
    expect(await step.definition.checkUndo(step.prepared.undo, ports, step.context)).toMatchObject({
      status: 'pass',
      summary: expect.stringContaining('can be loaded from') as string,
    });
    expect(await step.revert(ports)).toMatchObject({ status: 'done', summary: expect.stringContaining('loaded again') as string });
    expect(await step.revert(ports)).toMatchObject({ status: 'unchanged' });
    expect(idOf('small:1.0.0')).toBe(served);
  });

  test('removed and no longer saved, it cannot be taken back, and that is said before the change', async () => {
    const { ports } = deployment;
    const step = await stepFor(next.file);
    await step.apply(ports);
    deployment.compose('down', '--timeout', '1');
    engine.docker(['rmi', '--force', idOf('small:1.0.0')]);
    truncateSync(join(deployment.root, 'run/undo/load/load-previous-image.tar'), 3000);
    expect(await step.definition.checkUndo(step.prepared.undo, ports, step.context)).toMatchObject({ status: 'fail' });
    expect(await step.revert(ports)).toMatchObject({ status: 'failed' });
  });

  test('a name that somebody gave to a third image meanwhile is left alone', async () => {
    const { ports } = deployment;
    const step = await stepFor(next.file);
    await step.apply(ports);
    const third = await smallImage('1.4.0', 'nothing');
    engine.docker(['load', '--quiet', '--input', third.file]);
    engine.docker(['tag', 'small:1.4.0', 'small:1.0.0']);
    expect(await step.revert(ports)).toMatchObject({ status: 'conflict', hint: expect.stringContaining('docker tag sha256:') as string });
    expect(idOf('small:1.0.0')).toBe(third.imageId);
  });

  test('a file that was exchanged after the step was prepared is not loaded', async () => {
    const file = join(deployment.root, 'small.tar');
    copyFileSync(next.file, file);
    const step = await stepFor(file);
    copyFileSync((await smallImage('1.4.0', 'nothing')).file, file);
    expect(await step.apply(deployment.ports)).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining('was replaced') as string,
    });
    expect(names()).toEqual(['small:1.0.0']);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      'truncated',
      async () => {
        const file = join(deployment.root, 'cut.tar');
        copyFileSync(next.file, file);
        truncateSync(file, 3000);
        return file;
      },
      /ends (in the middle|before the archive does)/,
    ],
    [
      'for another architecture',
      async () => (await smallImage('1.1.0', 'nothing', hostArchitecture() === 'amd64' ? 'arm64' : 'amd64')).file,
      /is built for linux\/\w+, the engine runs linux\/\w+/,
    ],
    [
      'no image at all',
      async () => {
        const file = join(deployment.root, 'no.tar');
        writeFileSync(join(deployment.root, 'note'), 'a note');
        execFileSync('tar', ['-cf', file, '-C', deployment.root, 'note']);
        return await Promise.resolve(file);
      },
      /is not an image/,
    ],
  ])('a file that is %s is refused before anything is loaded', async (_what, file, words) => {
    await expect(stepFor(await file())).rejects.toThrow(words);
    expect(names()).toEqual(['small:1.0.0']);
  });

  test("another component's image is refused by its name", async () => {
    const component = deployment.target.components['router'];
    if (component === undefined) throw new Error('no router');
    const other = { ...component, artifact: { kind: 'image', repository: 'other' } as const };
    const context = deployment.context('load', { subject: { kind: 'component', name: 'router', component: other } });
    await expect(new Step(loadImage, { artifact: next.file }, context).prepare(deployment.ports)).rejects.toThrow(
      'holds small:1.1.0, expected other:<tag>',
    );
  });

  test('killed before or after any act, either way out ends well and leaves no name of quarantine', async () => {
    const counted = killedAt(deployment.ports, 0);
    await (await stepFor(next.file)).apply(counted.ports);
    expect(counted.calls()).toEqual([...['containers.tag', 'containers.save', 'containers.load', 'containers.tag', 'containers.untag']]);
    for (let point = 1; point <= 2 * counted.calls().length; point += 1) {
      for (const way of ['apply', 'revert'] as const) {
        for (const name of ['small:1.1.0', 'routerctl/kept:run1']) if (names().includes(name)) engine.docker(['rmi', name]);
        const step = new Step(loadImage, { artifact: next.file }, deployment.context(`load-${point}-${way}`));
        await step.prepare(deployment.ports);
        await expect(step.apply(killedAt(deployment.ports, point).ports)).rejects.toThrow(KilledHere);
        expect(await step[way](deployment.ports)).toMatchObject({ status: expect.stringMatching(/done|unchanged/) as string });
        expect(names()).not.toContain('routerctl/quarantine:run1');
        if (way === 'apply') expect(idOf('small:1.1.0')).toBe(next.imageId);
      }
    }
  }, 120_000);

  test('the lines by hand bring back what served', async () => {
    const step = await stepFor(next.file);
    await step.apply(deployment.ports);
    deployment.compose('down', '--timeout', '1');
    const old = idOf('small:1.0.0');
    engine.docker(['rmi', '--force', old]);
    execFileSync('sh', ['-ec', step.byHand().join('\n')], { stdio: 'ignore' });
    expect(idOf('small:1.0.0')).toBe(old);
    expect(readFileSync(join(deployment.root, '.env'), 'utf8')).toContain('SMALL_VERSION=1.0.0');
  });
});
