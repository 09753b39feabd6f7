// The one restart cycle on a unit of a real systemd: what differs from a plain process is behind the port.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { restartService } from '../../src/changes/restart-service.js';
import type { ServiceSpec } from '../../src/core/ports/service-processes.js';
import { serviceOf } from '../../src/core/service-of.js';
import { type Target, targetSpec } from '../../src/core/target.js';
import { Deployment, KilledHere, killedAt, Step } from '../changes/real-deployment.js';
import { hasPrivateSystemd, type PrivateSystemd, saySkipped, startPrivateSystemd } from '../parts/private-systemd.js';

saySkipped();
let systemd: PrivateSystemd;
let made = 0;
const all: Deployment[] = [];

interface Unit {
  readonly deployment: Deployment;
  readonly service: ServiceSpec;
  readonly unit: string;
  readonly unitFile: string;
  step(): Promise<Step<object>>;
  pids(): Promise<readonly number[]>;
  answer(path?: string): Promise<string>;
}

async function running(extra: object = {}, ...lines: readonly string[]): Promise<Unit> {
  const deployment = await Deployment.make();
  all.push(deployment);
  // No other manager on this machine may have a control group of this name.
  const unit = `small-${process.pid}-${made++}.service`;
  const settings = [
    `ExecStart=${deployment.at('current/bin/small')}`,
    `Environment=PATH=${process.env['PATH'] ?? ''}`,
    `EnvironmentFile=${deployment.at('etc/env')}`,
    `StandardOutput=append:${deployment.at('run/log')}`,
    'StandardError=inherit',
    'Restart=always',
    'RestartSec=50ms',
    ...lines,
  ];
  const unitFile = systemd.writeUnit(unit, `[Service]\n${settings.join('\n')}\n`);
  const target = onUnit(deployment.target, { kind: 'systemd', unit, scope: 'user', drain: '5s', start: '20s', ...extra });
  const service = serviceOf(target, 'router');
  const component = target.components['router'];
  if (service === null || component === undefined) throw new Error('no service');
  const context = deployment.context('restart', { target, subject: { kind: 'component', name: 'router', component } });
  const step = (): Promise<Step<object>> => new Step(restartService, {}, context).prepare(deployment.ports);
  expect(await (await step()).apply(deployment.ports)).toMatchObject({ status: 'done' });
  return {
    deployment,
    service,
    unit,
    unitFile,
    step,
    pids: async () => (await deployment.ports.on('local').services.find(service)).map(({ pid }) => pid),
    answer: async (path = '/') => await (await fetch(`http://127.0.0.1:${deployment.port}${path}`)).text(),
  };
}

function onUnit(target: Target, deployment: object): Target {
  const { name, ...spec } = target;
  const text = JSON.stringify({ ...spec, components: { router: { ...spec.components['router'], deployment } } }, asWritten);
  return { ...targetSpec.parse(JSON.parse(text)), name };
}

/** A checked target holds durations as milliseconds; it is written in words. */
const asWritten = (key: string, value: unknown): unknown =>
  typeof value === 'number' && ['keep', 'limit', 'hold'].includes(key) ? `${value}ms` : value;

describe.runIf(hasPrivateSystemd)('a unit of systemd', () => {
  beforeAll(async () => {
    systemd = await startPrivateSystemd();
    process.env['XDG_RUNTIME_DIR'] = systemd.runtimeDirectory;
  });
  afterEach(async () => {
    for (const each of all.splice(0)) {
      systemd.systemctl('stop', 'small-*.service');
      await each.stop();
    }
  });
  afterAll(async () => systemd.stop());

  test('a restart drains, replaces the one process by one, waits until it is ready, and measures all of it', async () => {
    const unit = await running();
    const { ports } = unit.deployment;
    const [old] = await unit.pids();
    const step = await unit.step();
    expect(await step.inspect(ports)).toBe('absent');
    const slow = unit.answer('/slow');
    const { services } = ports.on('local');
    const open = async (): Promise<number> => {
      const [main] = await services.find(unit.service);
      return main === undefined ? 0 : await services.connections(main);
    };
    await expect.poll(open).toBeGreaterThan(0);
    const outcome = await step.apply(ports);
    expect(outcome).toMatchObject({ status: 'done', evidence: { processesStopped: 1, killed: false } });
    expect(await slow).toBe('1.0.0');
    const now = await unit.pids();
    expect([now.length, now[0] === old, await step.inspect(ports)]).toEqual([1, false, 'present']);
    expect(Object.keys(step.facts)).toEqual(['stopping', 'stopped', 'started', 'ready']);
    expect(await step.apply(ports)).toMatchObject({ status: 'done' });
    expect(await unit.pids()).toEqual(now);
    expect(systemd.systemctl('show', '--value', '--property=Result', unit.unit)).toBe('success');
  });

  test('the plan says how the unit is stopped', async () => {
    const unit = await running();
    const { definition, context } = await unit.step();
    const { diff } = await definition.plan({}, unit.deployment.ports, context);
    expect(JSON.stringify(diff)).toContain(`systemctl stop ${unit.unit}, up to 5 s to drain`);
  });

  test('one that ignores SIGTERM is killed at the drain limit, and not started by systemd in between', async () => {
    const unit = await running({ drain: '300ms' });
    writeFileSync(unit.deployment.at('etc/env'), `PORT=${unit.deployment.port}\nSTUBBORN=1\n`);
    await (await unit.step()).apply(unit.deployment.ports);
    const outcome = await (await unit.step()).apply(unit.deployment.ports);
    expect(outcome).toMatchObject({ status: 'done', evidence: { killed: true } });
    expect((await unit.pids()).length).toBe(1);
    expect(systemd.systemctl('show', '--value', '--property=NRestarts', unit.unit)).toBe('0');
    process.kill((await unit.pids())[0] ?? 0, 'SIGKILL');
  });

  test('one that systemd itself kills, because its unit gives it less time than the drain, is not called drained', async () => {
    const unit = await running({}, 'TimeoutStopSec=300ms');
    writeFileSync(unit.deployment.at('etc/env'), `PORT=${unit.deployment.port}\nSTUBBORN=1\n`);
    await (await unit.step()).apply(unit.deployment.ports);
    const outcome = await (await unit.step()).apply(unit.deployment.ports);
    expect(outcome).toMatchObject({ status: 'done', evidence: { killed: true } });
    expect(outcome.summary).toMatch(/killed by systemd after \d+ ms, which TimeoutStopSec= of the unit allows/);
    process.kill((await unit.pids())[0] ?? 0, 'SIGKILL');
  });

  test.each([
    [
      'ends at once',
      '#!/bin/sh\necho cannot read the license >&2\nexit 1\n',
      /did not stay: .*ExecMainStatus=1|ended right after its start/,
    ],
    [
      'answers ready once and ends',
      `#!/usr/bin/env node
console.error('cannot read the license');
require('node:http').createServer((_, response) => response.end('1.0.0', () => setTimeout(() => process.exit(3), 30))).listen(Number(process.env.PORT), '127.0.0.1');
`,
      /answered ready and ended right afterwards|ended right after its start/,
    ],
  ])(
    'a program that %s, again and again, fails with the end of its log, and the way back starts the restored one',
    async (_how, text, words) => {
      const unit = await running();
      const { ports } = unit.deployment;
      const step = await unit.step();
      const program = unit.deployment.at('versions/1.0.0/bin/small');
      const good = readFileSync(program);
      writeFileSync(program, text);
      const outcome = await step.apply(ports);
      expect(outcome).toMatchObject({
        status: 'failed',
        summary: expect.stringMatching(words) as string,
        evidence: { log: expect.arrayContaining(['cannot read the license']) as string[] },
      });
      expect(await step.inspect(ports)).not.toBe('absent');
      writeFileSync(program, good);
      chmodSync(program, 0o755);
      expect(await step.revert(ports)).toMatchObject({ status: 'done' });
      const restored = await unit.pids();
      expect(await step.revert(ports)).toMatchObject({ status: 'done' });
      expect(await unit.pids()).toEqual(restored);
      expect(await unit.answer()).toBe('1.0.0');
    },
  );

  test('a unit file that changed on disk keeps it from being stopped, but not from being taken back', async () => {
    const unit = await running();
    const { ports } = unit.deployment;
    const before = await unit.pids();
    const step = await unit.step();
    const text = readFileSync(unit.unitFile, 'utf8');
    await expect
      .poll(async () => {
        writeFileSync(unit.unitFile, `${text}Nice=1\n`);
        return (await ports.on('local').services.unit(unit.service))?.problem;
      })
      .not.toBeNull();
    const refusal = { status: 'failed', summary: expect.stringMatching(/changed on disk.*; nothing was stopped/) as string };
    expect(await step.apply(ports)).toMatchObject(refusal);
    expect(await unit.pids()).toEqual(before);
    step.facts['stopping'] = {};
    expect(await step.revert(ports)).toMatchObject({ status: 'done' });
    expect((await unit.pids()).length).toBe(1);
    expect(await unit.pids()).not.toEqual(before);
  });

  test('killed before or after any act, one process serves after either way out, never two', async () => {
    const unit = await running();
    const { ports } = unit.deployment;
    const counted = killedAt(ports, 0);
    await (await unit.step()).apply(counted.ports);
    expect(counted.calls()).toEqual(['services.signal', 'services.start']);
    for (let point = 1; point <= 4; point += 1) {
      for (const way of ['apply', 'revert'] as const) {
        const step = await unit.step();
        await expect(step.apply(killedAt(ports, point).ports)).rejects.toThrow(KilledHere);
        if (way === 'revert') {
          for (let again = 1; again <= 4; again += 1)
            await step.revert(killedAt(ports, again).ports).catch((error: unknown) => expect(error).toBeInstanceOf(KilledHere));
        }
        expect(await step[way](ports)).toMatchObject({ status: 'done' });
        expect((await unit.pids()).length).toBe(1);
        expect(await unit.answer()).toBe('1.0.0');
      }
    }
  });

  test('the lines by hand restart it, also after it had failed until systemd gave up', async () => {
    const unit = await running({}, 'StartLimitBurst=3');
    const [old] = await unit.pids();
    const step = await unit.step();
    const byHand = (): void => {
      execFileSync('sh', ['-ec', step.byHand().join('\n')], { stdio: 'ignore' });
    };
    byHand();
    await expect.poll(async () => (await unit.pids()).some((pid) => pid !== old), { timeout: 30_000 }).toBe(true);
    const program = unit.deployment.at('versions/1.0.0/bin/small');
    const good = readFileSync(program);
    writeFileSync(program, '#!/bin/sh\nexit 1\n');
    systemd.systemctl('restart', unit.unit);
    await expect.poll(() => systemd.systemctl('show', '--value', '--property=ActiveState', unit.unit), { timeout: 30_000 }).toBe('failed');
    writeFileSync(program, good);
    byHand();
    await expect.poll(() => unit.answer().catch(() => ''), { timeout: 30_000 }).toBe('1.0.0');
  });
});
