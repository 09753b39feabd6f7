import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { procStat } from '../../src/adapters/proc.js';
import { restartService } from '../../src/changes/restart-service.js';
import type { RunningProcess } from '../../src/core/ports/service-processes.js';
import { serviceOf } from '../../src/core/service-of.js';
import { Deployment, KilledHere, killedAt, Step } from './real-deployment.js';

const all: Deployment[] = [];
afterEach(async () => {
  for (const each of all.splice(0)) await each.stop();
});
async function running(extra: Parameters<typeof Deployment.make>[0] = {}): Promise<Deployment> {
  const deployment = await Deployment.make(extra);
  all.push(deployment);
  const first = await new Step(restartService, {}, deployment.context('first')).prepare(deployment.ports);
  expect(await first.apply(deployment.ports)).toMatchObject({ status: 'done' });
  return deployment;
}
async function processes(deployment: Deployment): Promise<readonly RunningProcess[]> {
  const service = serviceOf(deployment.target, 'router');
  return service === null ? [] : await deployment.ports.on('local').services.find(service);
}
const make = async (deployment: Deployment) => await new Step(restartService, {}, deployment.context('restart')).prepare(deployment.ports);

test('a restart drains, replaces the one process by one, waits until it is ready, and measures all of it', async () => {
  const deployment = await running();
  const [old] = await processes(deployment);
  const step = await make(deployment);
  expect(await step.inspect(deployment.ports)).toBe('absent');
  const slow = await fetch(`http://127.0.0.1:${deployment.port}/slow`);
  const open = await deployment.ports.on('local').services.connections(old ?? { pid: 0, startTicks: 0 });
  expect(open).toBeGreaterThan(0);
  const outcome = await step.apply(deployment.ports);
  expect(outcome).toMatchObject({ status: 'done', evidence: { processesStopped: 1, openConnections: open, killed: false } });
  expect(await slow.text()).toBe('1.0.0');
  const now = await processes(deployment);
  expect([now.length, now[0]?.pid === old?.pid, await step.inspect(deployment.ports)]).toEqual([1, false, 'present']);
  expect(Object.keys(step.facts)).toEqual(['stopping', 'stopped', 'started', 'ready']);
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done' });
  expect((await processes(deployment)).map(({ pid }) => pid)).toEqual(now.map(({ pid }) => pid));
});

test.skipIf(process.getuid?.() !== 0)('a service of another user is left alone: restarted by us it would be ours', async () => {
  const deployment = await Deployment.make({});
  all.push(deployment);
  const service = serviceOf(deployment.target, 'router');
  if (service === null) throw new Error('no service');
  const sleeper = spawn('sleep', ['60'], { uid: 65534, cwd: '/', env: { ROUTERCTL_SERVICE: service.id }, stdio: 'ignore' });
  try {
    await expect.poll(async () => (await processes(deployment)).map(({ pid }) => pid)).toEqual([sleeper.pid]);
    await expect(make(deployment)).rejects.toMatchObject({ code: 'NOT_PERMITTED', hint: expect.stringContaining("'#65534'") as string });
    const plan = restartService.plan({}, deployment.ports, deployment.context('restart'));
    await expect(plan).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(procStat(sleeper.pid ?? 0)).not.toBeNull();
  } finally {
    sleeper.kill('SIGKILL');
  }
});

test('one that ignores SIGTERM is killed at the drain limit, and that is said', async () => {
  const deployment = await Deployment.make({ drain: '200ms' });
  all.push(deployment);
  writeFileSync(deployment.at('etc/env'), `PORT=${deployment.port}\nSTUBBORN=1\n`);
  await (await make(deployment)).apply(deployment.ports);
  const outcome = await (await make(deployment)).apply(deployment.ports);
  expect(outcome).toMatchObject({ status: 'done', evidence: { killed: true } });
  expect(outcome.summary).toContain('killed after the drain limit');
  expect((await processes(deployment)).length).toBe(1);
});

test('the drain hook runs first, and a failing one stops nothing', async () => {
  const deployment = await running();
  const component = deployment.target.components['router'];
  if (component?.deployment === undefined) throw new Error('no deployment');
  const context = (hook: readonly string[]) => {
    const altered = { ...component, deployment: { ...component.deployment, drainHook: [...hook] } } as typeof component;
    return deployment.context('restart', { subject: { kind: 'component', name: 'router', component: altered } });
  };
  const [old] = await processes(deployment);
  const failing = await new Step(restartService, {}, context(['sh', '-c', 'echo no proxy >&2; exit 7'])).prepare(deployment.ports);
  expect(await failing.apply(deployment.ports)).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('ended with 7') as string,
  });
  expect((await processes(deployment)).map(({ pid }) => pid)).toEqual([old?.pid]);
  expect(await failing.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
  const good = await new Step(restartService, {}, context(['touch', deployment.at('drained')])).prepare(deployment.ports);
  expect(await good.apply(deployment.ports)).toMatchObject({ status: 'done' });
  expect(existsSync(deployment.at('drained'))).toBe(true);
});

test('a program that ends at once fails with the end of its log, and the way back starts the restored one', async () => {
  const deployment = await running();
  const step = await make(deployment);
  const program = deployment.at('versions/1.0.0/bin/small');
  const good = readFileSync(program);
  writeFileSync(program, '#!/bin/sh\necho cannot read the license >&2\nexit 1\n');
  expect(await step.definition.checkUndo(step.prepared.undo, deployment.ports, step.context)).toMatchObject({ status: 'fail' });
  const outcome = await step.apply(deployment.ports);
  expect(outcome).toMatchObject({ status: 'failed', evidence: { log: expect.arrayContaining(['cannot read the license']) as string[] } });
  expect(await step.inspect(deployment.ports)).toBe('partial');
  writeFileSync(program, good);
  chmodSync(program, 0o755);
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'done' });
  const [restored] = await processes(deployment);
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'done' });
  expect((await processes(deployment)).map(({ pid }) => pid)).toEqual([restored?.pid]);
});

test('one that does not get ready in time fails', async () => {
  const deployment = await running({ start: '400ms' });
  const step = await make(deployment);
  writeFileSync(deployment.at('versions/1.0.0/bin/small'), '#!/usr/bin/env node\nsetInterval(() => {}, 1e6);\n');
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'failed', summary: expect.stringContaining('not ready') as string });
});

test('an untouched process is left alone on the way back', async () => {
  const deployment = await running();
  const [old] = await processes(deployment);
  const step = await make(deployment);
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
  expect((await processes(deployment)).map(({ pid }) => pid)).toEqual([old?.pid]);
});

test('killed before or after any act, one process serves after either way out, never two', async () => {
  const deployment = await running();
  const counted = killedAt(deployment.ports, 0);
  await (await make(deployment)).apply(counted.ports);
  expect(counted.calls()).toEqual(['services.signal', 'services.start']);
  const seen = new Set<string>();
  for (let point = 1; point <= 4; point += 1) {
    for (const way of ['apply', 'revert'] as const) {
      const step = await make(deployment);
      await expect(step.apply(killedAt(deployment.ports, point).ports)).rejects.toThrow(KilledHere);
      seen.add(await step.inspect(deployment.ports));
      if (way === 'revert') {
        for (let again = 1; again <= 4; again += 1)
          await step.revert(killedAt(deployment.ports, again).ports).catch((error: unknown) => expect(error).toBeInstanceOf(KilledHere));
      }
      expect(await step[way](deployment.ports)).toMatchObject({ status: 'done' });
      expect((await processes(deployment)).length).toBe(1);
      expect(await (await fetch(`http://127.0.0.1:${deployment.port}/`)).text()).toBe('1.0.0');
    }
  }
  expect([...seen].sort()).toEqual(['partial', 'present']);
});

test('the lines by hand restart it, and routerctl finds what they started', async () => {
  const deployment = await running();
  const [old] = await processes(deployment);
  const step = await make(deployment);
  execFileSync('sh', ['-ec', step.byHand().join('\n')], { stdio: 'ignore' });
  const newest = async (): Promise<RunningProcess | undefined> => {
    const [only, ...more] = await processes(deployment);
    return more.length > 0 || only?.pid === old?.pid ? undefined : only;
  };
  // What was just started is `env` for a moment, before it becomes the program.
  const program = async (): Promise<string | undefined> => (await newest())?.program?.path;
  await expect.poll(program, { timeout: 30_000, interval: 20 }).toBe(deployment.at('versions/1.0.0/bin/small'));
  expect(readFileSync(deployment.at('run/pid'), 'utf8').trim()).toBe(String((await newest())?.pid));
});

/** The service becomes a script that starts the program without `exec`, as many a start script does, and says so each time. */
function wrapped(deployment: Deployment, worker = ''): void {
  const program = deployment.at('versions/1.0.0/bin/small');
  writeFileSync(deployment.at('versions/1.0.0/bin/real'), readFileSync(program));
  chmodSync(deployment.at('versions/1.0.0/bin/real'), 0o755);
  writeFileSync(program, `#!/bin/sh\necho started >> ${deployment.at('starts')}\n${worker}"$(dirname "$0")/real"\nexit $?\n`);
}
const starts = (deployment: Deployment): number => readFileSync(deployment.at('starts'), 'utf8').split('started').length - 1;
const listener = async (deployment: Deployment): Promise<string> => await (await fetch(`http://127.0.0.1:${deployment.port}/`)).text();

async function wrappedRunning(worker = '', extra: Parameters<typeof Deployment.make>[0] = {}): Promise<Deployment> {
  const deployment = await Deployment.make(extra);
  all.push(deployment);
  wrapped(deployment, worker);
  expect(await (await make(deployment)).apply(deployment.ports)).toMatchObject({ status: 'done' });
  return deployment;
}

test('what a start script leaves behind is drained with it and never taken for the newly started service', async () => {
  const deployment = await wrappedRunning();
  const [script] = await processes(deployment);
  const slow = await fetch(`http://127.0.0.1:${deployment.port}/slow`);
  const step = await make(deployment);
  const outcome = await step.apply(deployment.ports);
  expect(outcome).toMatchObject({ status: 'done', evidence: { killed: false } });
  expect(await slow.text()).toBe('1.0.0');
  expect(starts(deployment)).toBe(2);
  const now = await processes(deployment);
  expect([now.length, now[0]?.pid === script?.pid, await step.inspect(deployment.ports)]).toEqual([1, false, 'present']);
  expect(await listener(deployment)).toBe('1.0.0');
});

test('workers that outlive their master are ended at the drain limit, also one without the mark and one outside the group', async () => {
  const deployment = await Deployment.make({ drain: '400ms' });
  all.push(deployment);
  const worker = deployment.at('worker');
  writeFileSync(worker, `#!/bin/sh\ntrap '' TERM\necho $$ >> ${deployment.at('workers')}\nwhile :; do sleep 0.1; done\n`);
  chmodSync(worker, 0o755);
  wrapped(deployment, `${worker} &\nenv -i PATH="$PATH" ${worker} &\nsetsid ${worker} &\n`);
  const pids = (): number[] =>
    existsSync(deployment.at('workers')) ? readFileSync(deployment.at('workers'), 'utf8').split('\n').slice(0, -1).map(Number) : [];
  await (await make(deployment)).apply(deployment.ports);
  while (pids().length < 3) await new Promise((done) => setTimeout(done, 10));
  const old = pids();
  expect(await (await make(deployment)).apply(deployment.ports)).toMatchObject({ status: 'done', evidence: { killed: true } });
  expect(old.filter((pid) => procStat(pid) !== null)).toEqual([]);
  expect((await processes(deployment)).length).toBe(1);
  expect(await listener(deployment)).toBe('1.0.0');
  while (pids().length < 6) await new Promise((done) => setTimeout(done, 10));
  for (const pid of pids().slice(3)) process.kill(pid, 'SIGKILL');
});

test('killed while what the old service left behind still runs, the second attempt does not take it for the new service', async () => {
  for (const way of ['apply', 'revert'] as const) {
    const deployment = await wrappedRunning();
    const [script] = await processes(deployment);
    const step = await make(deployment);
    await expect(step.apply(killedAt(deployment.ports, 2).ports)).rejects.toThrow(KilledHere);
    const gone = { pid: script?.pid ?? 0, startTicks: script?.startTicks ?? 0 };
    while (await deployment.ports.on('local').services.isAlive(gone)) await new Promise((done) => setTimeout(done, 10));
    expect((await processes(deployment)).length).toBe(1);
    expect(await step.inspect(deployment.ports)).toBe('partial');
    expect(await step[way](deployment.ports)).toMatchObject({ status: 'done' });
    expect(starts(deployment)).toBe(2);
    const [fresh] = await processes(deployment);
    expect(await step[way](deployment.ports)).toMatchObject({ status: 'done' });
    expect((await processes(deployment)).map(({ pid }) => pid)).toEqual([fresh?.pid]);
    expect(starts(deployment)).toBe(2);
    expect(await listener(deployment)).toBe('1.0.0');
  }
});

test('the lines by hand signal no process but the service, whatever number the pid file holds', async () => {
  const deployment = await running();
  const [old] = await processes(deployment);
  const step = await make(deployment);
  const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  try {
    writeFileSync(deployment.at('run/pid'), `${stranger.pid ?? 0}\n`);
    const { status, stderr } = spawnSync('sh', ['-ec', step.byHand().join('\n')], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(`process ${stranger.pid ?? 0} is not the router`);
    expect([stranger.signalCode, procStat(stranger.pid ?? 0)?.state]).toEqual([null, 'S']);
    expect((await processes(deployment)).map(({ pid }) => pid)).toEqual([old?.pid]);
    process.kill(old?.pid ?? 0, 'SIGTERM');
    while ((await processes(deployment)).length > 0) await new Promise((done) => setTimeout(done, 10));
    execFileSync('sh', ['-ec', /Then: (rm .*), and run these lines again/.exec(stderr)?.[1] ?? 'false']);
    execFileSync('sh', ['-ec', step.byHand().join('\n')], { stdio: 'ignore' });
    while ((await processes(deployment)).length === 0) await new Promise((done) => setTimeout(done, 10));
    expect(procStat(stranger.pid ?? 0)?.state).toBe('S');
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('the lines by hand end a service that its operator started, which carries no mark', async () => {
  const deployment = await Deployment.make();
  all.push(deployment);
  const step = await make(deployment);
  const own = spawn(deployment.at('current/bin/small'), {
    env: { PATH: process.env['PATH'], PORT: String(deployment.port) },
    stdio: 'ignore',
  });
  const ended = new Promise((done) => own.on('exit', done));
  writeFileSync(deployment.at('run/pid'), `${own.pid ?? 0}\n`);
  while ((await processes(deployment)).length !== 1) await new Promise((done) => setTimeout(done, 10));
  execFileSync('sh', ['-ec', step.byHand().join('\n')], { stdio: 'ignore' });
  await ended;
  while ((await processes(deployment))[0] === undefined) await new Promise((done) => setTimeout(done, 10));
  expect((await processes(deployment)).length).toBe(1);
});

test('the lines by hand end what a start script leaves behind, too', async () => {
  const deployment = await wrappedRunning();
  const step = await make(deployment);
  execFileSync('sh', ['-ec', step.byHand().join('\n')], { stdio: 'ignore' });
  while (starts(deployment) !== 2) await new Promise((done) => setTimeout(done, 10));
  while ((await fetch(`http://127.0.0.1:${deployment.port}/`).catch(() => null)) === null)
    await new Promise((done) => setTimeout(done, 10));
  expect((await processes(deployment)).length).toBe(1);
});

test.each<[string, RegExp, (deployment: Deployment) => void]>([
  [
    'the link points nowhere',
    /small of the service does not exist; nothing was stopped/,
    (deployment) => rmSync(deployment.at('versions/1.0.0'), { recursive: true }),
  ],
  [
    'it may not be executed',
    /small of the service is not executable; nothing was stopped/,
    (deployment) => chmodSync(deployment.at('versions/1.0.0/bin/small'), 0o644),
  ],
  ['its environment file is gone', /env does not exist; nothing was stopped/, (deployment) => rmSync(deployment.at('etc/env'))],
])('a service that could not be started again because %s is not stopped', async (_why, words, damage) => {
  const deployment = await running();
  const [old] = await processes(deployment);
  const step = await make(deployment);
  damage(deployment);
  const refusal = { status: 'failed', summary: expect.stringMatching(words) as string, hint: expect.any(String) as string };
  expect(await step.apply(deployment.ports)).toMatchObject(refusal);
  expect([(await processes(deployment)).map(({ pid }) => pid), await step.inspect(deployment.ports)]).toEqual([[old?.pid], 'absent']);
  expect(await listener(deployment)).toBe('1.0.0');
});

test('where the old version cannot come back, the way back leaves the new one running', async () => {
  const deployment = await running();
  cpSync(deployment.at('versions/1.0.0'), deployment.at('versions/1.1.0'), { recursive: true });
  const point = (version: string): void => {
    unlinkSync(deployment.at('current'));
    symlinkSync(`versions/${version}`, deployment.at('current'));
  };
  point('1.1.0');
  const step = await make(deployment);
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done' });
  const [fresh] = await processes(deployment);
  const outcome = await step.revert(deployment.ports);
  expect(outcome).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('versions/1.1.0/bin/small would be started again') as string,
  });
  expect((await processes(deployment)).map(({ pid }) => pid)).toEqual([fresh?.pid]);
  rmSync(deployment.at('versions/1.1.0'), { recursive: true });
  expect(await step.revert(deployment.ports)).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('nothing was stopped') as string,
  });
  expect((await processes(deployment)).map(({ pid }) => pid)).toEqual([fresh?.pid]);
  point('1.0.0');
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'done' });
  expect((await processes(deployment))[0]?.program?.path).toBe(deployment.at('versions/1.0.0/bin/small'));
});
