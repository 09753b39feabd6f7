// What goes wrong around a router in a compose project: a version that dies in its container, a compose file that does not take the tag, and
// a runner that is killed while the container is made anew. Afterwards exactly one version serves, in one container.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Operator, operator } from '../e2e/operator.js';
import { type ComposeLab, practiceImage, runByCompose, tagOf } from '../lab/compose-lab.js';
import { untilReady } from '../lab/plain-router.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';
import { killedRunner } from './killed-runner.js';

let engine: DockerEngine;
let me: Operator;
let project: ComposeLab;
let good = '';
let asWritten = '';

describe.skipIf(engineMissing !== null)(engineMissing ?? 'a router in a compose project', () => {
  beforeAll(async () => {
    engine = await startDockerEngine();
    me = await operator();
    project = await runByCompose(me.lab, engine);
    asWritten = readFileSync(project.composeFile, 'utf8');
    good = await practiceImage({ version: '1.1.0' });
  });
  afterEach(async () => {
    writeFileSync(project.composeFile, asWritten);
    writeFileSync(project.variables, `REFERENCE_ROUTER_VERSION=${tagOf('1.0.0')}\n`);
    project.compose('up', '--detach');
    await untilReady(me.lab);
  });
  afterAll(async () => {
    project?.down();
    await me?.leave();
    await engine?.stop();
  });

  async function servesAlone(version: string): Promise<void> {
    await untilReady(me.lab);
    expect(await me.version()).toBe(version);
    expect(project.containers('{{.Image}} {{.State}} {{.Names}}')).toEqual([`reference-router:${tagOf(version)} running compose-router-1`]);
  }

  test('a compose file with a tag of its own is told before anything is stopped, and the variable is as before: 4', async () => {
    const fixed = asWritten.replace(/image: .*/, `image: reference-router:${tagOf('1.0.0')}`);
    writeFileSync(project.composeFile, fixed);
    const before = project.containers('{{.ID}}');
    const { code, out, err } = await me.routerctl('upgrade', '--to', good, '-y');

    expect(code, out + err).toBe(4);
    expect(out + err).toContain('is the tag hard-coded');
    expect(project.containers('{{.ID}}')).toEqual(before);
    expect(readFileSync(project.composeFile, 'utf8')).toBe(fixed);
    await servesAlone('1.0.0');
  });

  test('an engine that does not answer is told before anything is touched: 7', async () => {
    const config = readFileSync(me.lab.paths.targetConfig, 'utf8');
    writeFileSync(me.lab.paths.targetConfig, config.replace(engine.address, 'unix:///nowhere/docker.sock'));
    const { code, out, err } = await me.routerctl('upgrade', '--to', good, '-y');
    writeFileSync(me.lab.paths.targetConfig, config);

    expect(code, out + err).toBe(7);
    expect(out + err).toContain('the container engine at unix:///nowhere/docker.sock is not there');
    await servesAlone('1.0.0');
  });

  test('the runner killed while compose makes the container anew: its guard brings the old version back', async () => {
    const exitCode = await killedRunner(me, good, { point: 'during compose_up: compose.recreate', isGuarded: true });

    expect(exitCode).toBe(4);
    await servesAlone('1.0.0');
  });

  test('the runner killed while compose makes the container anew: a resume by a person brings the new version', async () => {
    const exitCode = await killedRunner(me, good, { point: 'during compose_up: compose.recreate', isGuarded: false });

    expect(exitCode).toBe(0);
    await servesAlone('1.1.0');
  });
});
