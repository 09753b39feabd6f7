import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { process as processCheck } from '../../checks/process.js';
import { servicesByKind } from '../../src/adapters/services-by-kind.js';
import type { ProcessIdentity, ProcessService, ServiceSpec } from '../../src/core/ports/service-processes.js';
import { serviceOf } from '../../src/core/service-of.js';
import { askCheck, openRoom } from './check-room.js';

const room = openRoom();
const services = servicesByKind();
const started: [ServiceSpec, ProcessIdentity][] = [];
afterAll(async () => {
  for (const [service, process] of started) await services.signal(service, process, 'SIGKILL');
});

const program = (word: string) => `#!/usr/bin/env node\n// ${word}\nsetInterval(() => undefined, 1000);\n`;

/** A deployment with 1.0.0 and 1.1.0 installed, of which one is current. */
function deploy(name: string, current: string) {
  const root = join(room.directory, name);
  for (const version of ['1.0.0', '1.1.0']) {
    mkdirSync(join(root, 'versions', version, 'bin'), { recursive: true });
    writeFileSync(join(root, 'versions', version, 'bin/router'), program(version), { mode: 0o755 });
  }
  const point = (version: string) => {
    rmSync(join(root, 'current'), { force: true });
    symlinkSync(join(root, 'versions', version), join(root, 'current'));
  };
  point(current);
  const component = {
    artifact: { kind: 'binary', program: 'router', versions: join(root, 'versions'), current: join(root, 'current') },
    deployment: { kind: 'process', command: [join(root, 'current/bin/router')], pidFile: join(root, 'pid'), log: join(root, 'log') },
  };
  const target = room.target({ root }, component);
  const service = serviceOf(target, 'router');
  if (service === null) throw new Error('no service');
  return {
    root,
    target,
    service,
    point,
    start: async () => {
      const process = await services.start(service);
      started.push([service, process]);
      return process;
    },
    stop: async (process: ProcessIdentity) => {
      await services.signal(service, process, 'SIGKILL');
      while (await services.isAlive(process)) await new Promise((done) => setTimeout(done, 5));
    },
    ask: async (spec: object = {}, more: object = {}) => await askCheck(processCheck, spec, room, room.context(target, more)),
  };
}

test('one process of the installed version passes, and the same one is not called restarted', async () => {
  const site = deploy('good', '1.0.0');
  const { pid } = await site.start();
  const { verdict, observation } = await site.ask();
  expect(verdict).toMatchObject({
    status: 'pass',
    summary: expect.stringMatching(new RegExp(`^pid ${pid} since 20.*Z, program [0-9a-f]{12}$`)),
    evidence: { restartedSinceBaseline: null },
  });
  expect((await site.ask({ version: '1.0.0' }, { baseline: observation })).verdict).toMatchObject({
    status: 'pass',
    evidence: { restartedSinceBaseline: false },
  });
  expect((await site.ask({ version: null }, { baseline: observation, mode: 'restored' })).verdict.status).toBe('pass');
});

test('no process fails', async () => {
  expect((await deploy('none', '1.0.0').ask()).verdict).toMatchObject({ status: 'fail', summary: 'no process of this service runs' });
});

test('an upgrade without a restart is seen, and the restart then too', async () => {
  const site = deploy('stale', '1.0.0');
  const old = await site.start();
  const { observation: baseline } = await site.ask();
  await site.stop(old);
  site.point('1.1.0');
  // The old version started by its own path, as a restart that did not take the new link would leave it.
  const asked = { ...(site.service as ProcessService), command: [join(site.root, 'versions/1.0.0/bin/router')] };
  const foreign = await services.start(asked);
  started.push([asked, foreign]);
  expect((await site.ask({ version: '1.1.0' })).verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/1\.0\.0\/bin\/router runs, expected a program below .*1\.1\.0/),
  });
  await site.stop(foreign);
  await site.start();
  expect((await site.ask({ version: '1.1.0' }, { baseline })).verdict).toMatchObject({
    status: 'pass',
    summary: expect.stringMatching(/restarted since the baseline/),
  });
  expect((await site.ask({ version: '1.0.0' })).verdict.status).toBe('fail');
  expect((await site.ask({}, { baseline, mode: 'restored' })).verdict).toMatchObject({
    status: 'fail',
    summary: 'another program runs than before the change',
  });
});

const seen = (pid: number, path: string, sha256: string) => ({
  pid,
  startTicks: 1,
  startedAtMs: 0,
  rssBytes: 1,
  foreignUid: null,
  program: { path, sha256 },
});
const installed = { versions: '/v', current: '/v/1', program: '/v/1/bin/r', sha256: 'aa' };

test.each<[string, object, object, object, string, RegExp]>([
  [
    'two processes',
    { processes: [seen(1, '/v/1/bin/r', 'aa'), seen(2, '/v/1/bin/r', 'aa')], installed },
    {},
    {},
    'fail',
    /2 processes of this service run: 1, 2/,
  ],
  [
    'a file replaced under the process',
    { processes: [seen(1, '/v/1/bin/r', 'bb')], installed },
    {},
    {},
    'fail',
    /differs from the installed file/,
  ],
  [
    'another program of the same version',
    { processes: [seen(1, '/v/1/bin/other', 'aa')], installed },
    {},
    {},
    'fail',
    /other runs, but .* is installed/,
  ],
  [
    'a version whose name begins alike',
    { processes: [seen(1, '/v/1.0/bin/r', 'aa')], installed },
    {},
    {},
    'fail',
    /expected a program below/,
  ],
  [
    'a link that points nowhere',
    { processes: [seen(1, '/v/1/bin/r', 'aa')], installed: { ...installed, current: null, program: null, sha256: null } },
    {},
    {},
    'fail',
    /points nowhere/,
  ],
  [
    'an installed program that is gone',
    { processes: [seen(1, '/v/1/bin/r', 'aa')], installed: { ...installed, program: null, sha256: null } },
    {},
    {},
    'fail',
    /is missing/,
  ],
  [
    'a program that cannot be told',
    { processes: [{ ...seen(1, '', ''), program: null }], installed },
    {},
    {},
    'inconclusive',
    /cannot be told/,
  ],
  ['no artifact to compare with', { processes: [seen(1, '/usr/bin/r', 'aa')], installed: null }, {}, {}, 'pass', /pid 1/],
  [
    'restored without a baseline',
    { processes: [seen(1, '/v/1/bin/r', 'aa')], installed },
    {},
    { mode: 'restored' },
    'inconclusive',
    /not recorded/,
  ],
  [
    'restored, a program that cannot be told, of the process of before',
    { processes: [{ ...seen(1, '', ''), program: null }], installed },
    {},
    { mode: 'restored', baseline: { processes: [seen(1, '/v/1/bin/r', 'aa')] } },
    'pass',
    /^pid 1 /,
  ],
  [
    'restored, a program that cannot be told, of another process',
    { processes: [{ ...seen(2, '', ''), program: null }], installed },
    {},
    { mode: 'restored', baseline: { processes: [seen(1, '/v/1/bin/r', 'aa')] } },
    'inconclusive',
    /cannot be told/,
  ],
  [
    'restored, same bytes in another version',
    { processes: [seen(1, '/v/2/bin/r', 'aa')], installed },
    {},
    { mode: 'restored', baseline: { processes: [seen(9, '/v/1/bin/r', 'aa')] } },
    'fail',
    /another program runs/,
  ],
  [
    'restored, as before',
    { processes: [seen(1, '/v/1/bin/r', 'aa')], installed },
    { version: '2' },
    { mode: 'restored', baseline: { processes: [seen(9, '/v/1/bin/r', 'aa')] } },
    'pass',
    /restarted/,
  ],
])('%s', (_, observation, spec, more, status, words) => {
  const verdict = processCheck.judge(observation as never, spec, room.context(room.target(), more));
  expect(verdict).toMatchObject({ status, summary: expect.stringMatching(words) });
});

const unit = {
  unit: 'r.service',
  scope: 'user',
  activeState: 'active',
  subState: 'running',
  mainPid: 1,
  restarts: 0,
  program: '/v/1/bin/r',
  problem: null,
};
const good = { processes: [seen(1, '/v/1/bin/r', 'aa')], installed };
const changed = { problem: 'the unit file of r.service changed on disk', hint: 'systemctl daemon-reload' };
const restartedFrom = { processes: [seen(9, '/v/1/bin/r', 'aa')] };

test.each<[string, object, object, string, RegExp]>([
  ['as installed', { ...good, unit }, {}, 'pass', /^pid 1 since [^,]*, program aa$/],
  ['restarted by systemd long ago', { ...good, unit: { ...unit, restarts: 3 } }, {}, 'pass', /started again by systemd 3 times before/],
  [
    'restarted by systemd after it was restarted by us',
    { ...good, unit: { ...unit, restarts: 1 } },
    { baseline: restartedFrom },
    'fail',
    /systemd has started r\.service again once since it was started/,
  ],
  [
    'still the process of the baseline',
    { ...good, unit: { ...unit, restarts: 1 } },
    { baseline: { processes: [seen(1, '/v/1/bin/r', 'aa')] } },
    'pass',
    /pid 1/,
  ],
  [
    'that died and waits',
    { processes: [], installed, unit: { ...unit, activeState: 'activating', subState: 'auto-restart' } },
    {},
    'fail',
    /no process of this service runs: r\.service is activating \(auto-restart\)/,
  ],
  ['changed on disk before a change', { ...good, unit: { ...unit, problem: changed } }, {}, 'fail', /changed on disk/],
  [
    'changed on disk after a change',
    { ...good, unit: { ...unit, problem: changed } },
    { baseline: restartedFrom },
    'warn',
    /restarted since the baseline.*, but the unit file/,
  ],
  [
    'whose ExecStart names another path',
    { ...good, unit: { ...unit, program: '/opt/r' } },
    {},
    'fail',
    /r\.service starts \/opt\/r, but \/v\/1\/bin\/r is installed/,
  ],
  ['whose ExecStart is a start script', { ...good, unit: { ...unit, program: '/opt/start' } }, {}, 'pass', /pid 1/],
  [
    'whose start script starts something else',
    { processes: [seen(1, '/v/2/bin/r', 'aa')], installed, unit: { ...unit, program: '/opt/start' } },
    {},
    'fail',
    /starts \/opt\/start/,
  ],
])('a unit %s', (_, observation, more, status, words) => {
  const verdict = processCheck.judge(observation as never, {}, room.context(room.target(), more));
  expect(verdict).toMatchObject({ status, summary: expect.stringMatching(words) as string });
});

test('a component that is no process is skipped', async () => {
  expect((await askCheck(processCheck, {}, room, room.context(room.target()))).verdict.status).toBe('skip');
});
