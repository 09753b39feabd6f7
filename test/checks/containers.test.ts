import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containers } from '../../checks/containers.js';
import type { CheckContext } from '../../src/core/check.js';
import type { Json } from '../../src/core/json.js';
import { ComposeDeployment, smallImage } from '../changes/real-compose.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';

const id = (letter: string): string => `sha256:${letter.repeat(64)}`;
const one = {
  id: 'c1',
  name: 'gateway-router-1',
  imageId: id('a'),
  imageName: 'llm-router:1.1.0',
  state: 'running',
  health: 'healthy' as string | null,
  restarts: 0,
  exitCode: 0,
  outOfMemory: false,
  startedAtMs: 1_800_000_000_000 as number | null,
};
const other = {
  service: 'proxy',
  isOneShot: false,
  hasHealthCheck: false,
  containers: [{ ...one, name: 'gateway-proxy-1', health: null }],
};
const good = {
  project: 'gateway',
  service: 'router',
  containers: [one],
  wanted: { name: 'llm-router:1.1.0', id: id('a') },
  others: [other],
};
const judged = (more: object, spec: { image_id?: string } = {}, context: { baseline?: Json; mode?: 'restored' } = {}) =>
  containers.judge({ ...good, ...more }, spec, { baseline: null, mode: 'expect', ...context } as CheckContext);

test.each<[string, object, string, RegExp]>([
  ['runs as it should', {}, 'pass', /^gateway-router-1 runs llm-router:1\.1\.0 \(a{12}\) since 2027-01-15T08:00:00\.000Z, healthy$/],
  ['is not there', { containers: [] }, 'fail', /^gateway has no container of router/],
  ['is there twice', { containers: [one, { ...one, name: 'abc_gateway-router-1', state: 'exited' }] }, 'fail', /^2 containers of router/],
  [
    'was started again by the engine',
    { containers: [{ ...one, restarts: 3, exitCode: 1 }] },
    'fail',
    /started it again 3 times \(exit code 1\)/,
  ],
  ['was killed for its memory', { containers: [{ ...one, state: 'exited', exitCode: 137, outOfMemory: true }] }, 'fail', /out of memory/],
  ['has ended', { containers: [{ ...one, state: 'exited', exitCode: 2 }] }, 'fail', /is exited \(exit code 2\)/],
  ['is unhealthy', { containers: [{ ...one, health: 'unhealthy' }] }, 'fail', /its own health check fails/],
  ['runs another image than its name means', { wanted: { name: 'llm-router:1.1.0', id: id('b') } }, 'fail', /runs a{12}, .* means b{12}/],
  ['runs an image that is gone', { wanted: { name: 'llm-router:1.1.0', id: null } }, 'fail', /is not in the engine/],
  ['stands beside a service that is down', { others: [{ ...other, containers: [] }] }, 'fail', /proxy has no container/],
  [
    'stands beside a service that has ended',
    { others: [{ ...other, containers: [{ ...one, state: 'exited', exitCode: 1 }] }] },
    'fail',
    /proxy is exited/,
  ],
  ['stands beside one that completed', { others: [{ ...other, isOneShot: true, containers: [{ ...one, state: 'exited' }] }] }, 'pass', /./],
  [
    'stands beside one that did not complete',
    { others: [{ ...other, isOneShot: true, containers: [{ ...one, state: 'exited', exitCode: 4 }] }] },
    'fail',
    /to complete, ended with 4/,
  ],
])('a container that %s', (_what, more, status, words) => {
  expect(judged(more)).toMatchObject({ status, summary: expect.stringMatching(words) as string });
});

test('the image that was asked for counts more than what the name means', () => {
  expect(judged({}, { image_id: id('b') })).toMatchObject({ status: 'fail' });
  expect(judged({ wanted: { name: 'llm-router:1.1.0', id: id('b') } }, { image_id: id('a') })).toMatchObject({ status: 'pass' });
});

test('after a rollback the image of before counts, whatever was asked for', () => {
  const before = { ...good, containers: [{ ...one, imageId: id('c') }] };

  expect(judged({}, { image_id: id('b') }, { baseline: good, mode: 'restored' })).toMatchObject({ status: 'pass' });
  expect(judged({}, {}, { baseline: before, mode: 'restored' })).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/runs a{12}, before the change it was c{12}/) as string,
  });
});

describe.skipIf(engineMissing !== null)(engineMissing ?? 'containers of a real engine', () => {
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

  async function asked() {
    const context = { ...deployment.context(), baseline: null, mode: 'expect' } as unknown as CheckContext;
    const observed = await containers.observe({}, deployment.ports, context);
    if (!('measured' in observed)) throw new Error(observed.unmeasured);
    return containers.judge(observed.measured, {}, context);
  }

  test('the one that serves passes, stopped it fails, and set to another image it fails until it is made anew', async () => {
    expect(await asked()).toMatchObject({ status: 'pass', summary: expect.stringContaining('runs small:1.0.0') as string });
    deployment.compose('stop', '--timeout', '1');
    expect(await asked()).toMatchObject({ status: 'fail', summary: expect.stringContaining('is exited') as string });
    deployment.compose('start');
    engine.docker(['load', '--quiet', '--input', (await smallImage('1.1.0')).file]);
    deployment.setVersion('1.1.0');
    expect(await asked()).toMatchObject({ status: 'fail', summary: expect.stringContaining('small:1.1.0 means') as string });
    deployment.compose('up', '--detach');
    expect(await asked()).toMatchObject({ status: 'pass', summary: expect.stringContaining('runs small:1.1.0') as string });
  });
});
