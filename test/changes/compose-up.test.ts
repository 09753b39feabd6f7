import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { composeUp } from '../../src/changes/compose-up.js';
import type { ChangeContext } from '../../src/core/change.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';
import { type Behaviour, ComposeDeployment, smallImage } from './real-compose.js';
import { KilledHere, killedAt, Step } from './real-deployment.js';

let engine: DockerEngine;
let deployment: ComposeDeployment;

/** The step that renews to that version, whose image is loaded and set. */
async function stepTo(
  version: string,
  behaviour: Behaviour = 'serves',
  isSet = true,
  startMs?: number,
): Promise<Step<{ image: string; image_id: string }>> {
  const { file, imageId, name } = await smallImage(version, behaviour);
  engine.docker(['load', '--quiet', '--input', file]);
  const step = new Step(
    composeUp,
    { image: name, image_id: imageId },
    deployment.context('up', startMs === undefined ? {} : withStart(startMs)),
  );
  await step.prepare(deployment.ports);
  if (isSet) deployment.setVersion(version);
  return step;
}

function withStart(startMs: number): Partial<ChangeContext> {
  const target = structuredClone(deployment.target);
  const component = target.components['router'];
  if (component?.deployment === undefined) throw new Error('no router');
  component.deployment.start = startMs;
  return { target, subject: { kind: 'component', name: 'router', component } };
}

describe.skipIf(engineMissing !== null)(engineMissing ?? 'compose-up', () => {
  beforeAll(async () => {
    engine = await startDockerEngine();
    deployment = await ComposeDeployment.make(engine);
  });
  afterAll(async () => {
    deployment?.stop();
    await engine?.stop();
  });
  beforeEach(async () => {
    engine.docker(['load', '--quiet', '--input', (await smallImage('1.0.0')).file]);
    await deployment.begin();
  });

  test('makes the container anew of the set image, waits until it is ready and healthy, and is done when asked again', async () => {
    const { ports } = deployment;
    const step = await stepTo('1.1.0');
    expect(await step.inspect(ports)).toBe('absent');
    const outcome = await step.apply(ports);
    expect(outcome).toMatchObject({
      status: 'done',
      summary: expect.stringMatching(/runs small:1\.1\.0 .*ready after \d+ ms, healthy/) as string,
    });
    expect(await deployment.answer()).toBe('1.1.0');
    expect(Object.keys(step.facts)).toEqual(['stopping', 'started', 'ready']);
    expect(await step.inspect(ports)).toBe('present');
    const [container] = deployment.containers('{{.ID}}');
    expect(await step.apply(ports)).toMatchObject({ status: 'done' });
    expect(deployment.containers('{{.ID}}')).toEqual([container]);
  });

  test('its plan names project, service and both images, and stops nothing', async () => {
    const step = await stepTo('1.1.0', 'serves', false);
    const { diff } = await step.definition.plan(step.spec, deployment.ports, step.context);
    expect(diff[0]?.text).toMatch(/\/router: small:1\.0\.0 \([0-9a-f]{12}\) -> small:1\.1\.0, up to 2 s to stop, up to 20 s to be ready/);
    expect(await deployment.answer()).toBe('1.0.0');
  });

  test('takes back to the image of before from the restored files, and only once', async () => {
    const { ports } = deployment;
    const step = await stepTo('1.1.0');
    await step.apply(ports);
    deployment.setVersion('1.0.0');
    expect(await step.revert(ports)).toMatchObject({ status: 'done' });
    expect(await deployment.answer()).toBe('1.0.0');
    const [container] = deployment.containers('{{.ID}}');
    expect(await step.revert(ports)).toMatchObject({ status: 'done' });
    expect(deployment.containers('{{.ID}}')).toEqual([container]);
  });

  test('a container that was never stopped is left alone on the way back', async () => {
    const step = await stepTo('1.1.0', 'serves', false);
    const before = deployment.containers('{{.ID}}');
    expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
    expect(deployment.containers('{{.ID}}')).toEqual(before);
  });

  test.each<[Behaviour, string, RegExp]>([
    ['ends', '1.1.1', /does not stay: it was started again|has ended \(exit code 3\)/],
    ['ready-once', '1.1.2', /does not stay|has ended/],
    ['unhealthy', '1.1.3', /answers ready, but its own health check fails/],
  ])('an image that %s fails with the end of its log, and the old one comes back', async (behaviour, version, words) => {
    const { ports } = deployment;
    const step = await stepTo(version, behaviour);
    const outcome = await step.apply(ports);
    expect(outcome).toMatchObject({ status: 'failed', summary: expect.stringMatching(words) as string });
    expect(JSON.stringify(outcome)).toContain(behaviour === 'unhealthy' ? `version ${version} begins` : 'cannot read the license');
    deployment.setVersion('1.0.0');
    expect(await step.revert(ports)).toMatchObject({ status: 'done' });
    expect(await deployment.answer()).toBe('1.0.0');
  });

  test('one that never answers ready fails at the limit', async () => {
    const step = await stepTo('1.1.4', 'silent', true, 1500);
    expect(await step.apply(deployment.ports)).toMatchObject({
      status: 'failed',
      summary: expect.stringMatching(/not ready \d+ ms after its start \(status 503\); the limit is 1500 ms/) as string,
    });
  });

  test('nothing is stopped when the files come to another image, or the name means another one', async () => {
    const { ports } = deployment;
    const unset = await stepTo('1.1.0', 'serves', false);
    expect(await unset.apply(ports)).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining('compose would start small:1.0.0 for router, expected small:1.1.0; nothing was stopped') as string,
    });
    deployment.setVersion('1.1.0');
    engine.docker(['tag', 'small:1.0.0', 'small:1.1.0']);
    expect(await unset.apply(ports)).toMatchObject({
      status: 'failed',
      summary: expect.stringMatching(/small:1\.1\.0 is another image, .*nothing was stopped/) as string,
    });
    engine.docker(['rmi', 'small:1.1.0']);
    expect(await unset.apply(ports)).toMatchObject({ status: 'failed', summary: expect.stringContaining('is not there') as string });
    expect(await deployment.answer()).toBe('1.0.0');
    expect(deployment.containers('{{.Image}} {{.State}}')).toEqual(['small:1.0.0 running']);
  });

  test('a variable of the terminal counts for nothing', async () => {
    const step = await stepTo('1.1.0');
    process.env['SMALL_VERSION'] = '9.9.9';
    try {
      expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done' });
    } finally {
      delete process.env['SMALL_VERSION'];
    }
    expect(await deployment.answer()).toBe('1.1.0');
  });

  test('a project whose files do not fit, or lack a variable, is refused with the words of compose', async () => {
    const step = await stepTo('1.1.0');
    writeFileSync(join(deployment.root, '.env'), 'KEPT=yes\n');
    expect(await step.apply(deployment.ports)).toMatchObject({
      status: 'failed',
      evidence: { code: 'COMPOSE_INVALID' },
      summary: expect.stringContaining('set SMALL_VERSION in .env') as string,
    });
    deployment.setVersion('1.0.0');
    writeFileSync(join(deployment.root, '.env'), 'SMALL_VERSION=1.0.0\n');
  });

  test('it can be taken back while the image of before is in the engine, and not when somebody has removed it', async () => {
    const { ports } = deployment;
    const step = await stepTo('1.1.0');
    expect(await step.definition.checkUndo(step.prepared.undo, ports, step.context)).toMatchObject({ status: 'pass' });
    await step.apply(ports);
    engine.docker(['rmi', '--force', 'small:1.0.0']);
    expect(await step.definition.checkUndo(step.prepared.undo, ports, step.context)).toMatchObject({ status: 'fail' });
  });

  test('killed before or after any act, one container serves after either way out, never two', async () => {
    const { ports } = deployment;
    const counted = killedAt(ports, 0);
    await (await stepTo('1.1.0')).apply(counted.ports);
    expect(counted.calls()).toEqual(['compose.recreate']);
    for (const way of ['apply', 'revert'] as const)
      for (let point = 1; point <= 2; point += 1) {
        const [from, to] = (await deployment.answer()) === '1.1.0' ? ['1.1.0', '1.0.0'] : ['1.0.0', '1.1.0'];
        const step = await stepTo(to);
        await expect(step.apply(killedAt(ports, point).ports)).rejects.toThrow(KilledHere);
        if (way === 'revert') deployment.setVersion(from);
        expect(await step[way](ports)).toMatchObject({ status: expect.stringMatching(/done|unchanged/) as string });
        expect(await deployment.answer()).toBe(way === 'apply' ? to : from);
        expect(deployment.containers('{{.State}}')).toEqual(['running']);
      }
  });

  test.each(['apply', 'revert'] as const)(
    'a recreation that was killed while the old container was stopping, and left a second one, is put right by %s',
    async (way) => {
      const { ports } = deployment;
      await (await stepTo('1.1.5', 'stubborn')).apply(ports);
      const step = await stepTo('1.1.0');
      await interruptedRecreation();
      expect(deployment.containers('{{.Names}}').filter((name) => /^[0-9a-f]{12}_/.test(name))).toHaveLength(1);
      step.facts['stopping'] = {};
      expect(await step.inspect(ports)).toBe('partial');
      if (way === 'revert') deployment.setVersion('1.1.5');
      const outcome = await step[way](ports);
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ status: 'done' });
      expect(await deployment.answer()).toBe(way === 'apply' ? '1.1.0' : '1.1.5');
      expect(deployment.containers('{{.Names}} {{.State}}')).toEqual([expect.stringMatching(/^\S+-router-1 running$/)]);
    },
  );

  /** Compose, killed in the midst of its work: the old container takes two seconds to stop. */
  async function interruptedRecreation(): Promise<void> {
    const words = ['compose', '--project-directory', deployment.root, 'up', '--detach', '--force-recreate'];
    const env = { PATH: process.env['PATH'], HOME: deployment.root, DOCKER_HOST: engine.address };
    const child = spawn('docker', words, { cwd: deployment.root, env, stdio: 'ignore', detached: true });
    const ended = once(child, 'exit');
    while (deployment.containers('{{.Names}}').length < 2) await new Promise((done) => setTimeout(done, 20));
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
  }

  test('the line by hand makes it anew', async () => {
    const step = await stepTo('1.1.0');
    execFileSync('sh', ['-ec', step.byHand().join('\n')], { stdio: 'ignore' });
    await deployment.served('1.1.0');
  });
});
