// Services of a real systemd: started, stopped and looked at through a manager of the test's own.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servicesSystemd } from '../../src/adapters/services-systemd.js';
import type { ProcessIdentity, SystemdService } from '../../src/core/ports/service-processes.js';
import { hasPrivateSystemd, type PrivateSystemd, saySkipped, startPrivateSystemd } from '../parts/private-systemd.js';
import { type MadeService, servicesContract, until } from './services-contract.js';

saySkipped();
const services = servicesSystemd();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'services-systemd-')));
let systemd: PrivateSystemd;
let made = 0;

interface Unit extends MadeService<SystemdService> {
  readonly unit: string;
  readonly file: string;
  /** Lines that are added to [Service]. */
  rewrite(...lines: readonly string[]): void;
}

function make(...lines: readonly string[]): Unit {
  // No other manager on this machine may have a control group of this name.
  const unit = `sleeper-${process.pid}-${made++}.service`;
  const directory = join(root, unit);
  mkdirSync(join(directory, 'versions/1/bin'), { recursive: true });
  const program = join(directory, 'versions/1/bin/sleeper');
  writeFileSync(program, "#!/usr/bin/env node\nconsole.log('up', process.env.GREETING); setInterval(() => {}, 1e6);\n", { mode: 0o755 });
  symlinkSync('versions/1', join(directory, 'current'));
  const log = join(directory, 'log');
  const text = (more: readonly string[]): string =>
    [
      '[Service]',
      `ExecStart=${directory}/current/bin/sleeper --config x`,
      `Environment=PATH=${process.env['PATH'] ?? ''} GREETING=hello`,
      `StandardOutput=append:${log}`,
      'StandardError=inherit',
      ...more,
      '',
    ].join('\n');
  const file = systemd.writeUnit(unit, text(lines));
  return {
    service: { kind: 'systemd', id: `${directory}#sleeper`, unit, scope: 'user', directory },
    program,
    log,
    unit,
    file,
    rewrite: (...more) => void systemd.writeUnit(unit, text(more)),
  };
}

const ids = async ({ service }: Unit): Promise<number[]> => (await services.find(service)).map(({ pid }) => pid);
const show = ({ unit }: Unit, property: string): string => systemd.systemctl('show', '--value', `--property=${property}`, unit);

describe.runIf(hasPrivateSystemd)('under a real systemd', () => {
  beforeAll(async () => {
    systemd = await startPrivateSystemd();
    process.env['XDG_RUNTIME_DIR'] = systemd.runtimeDirectory;
  });
  afterAll(async () => {
    await systemd.stop();
    rmSync(root, { recursive: true });
  });

  servicesContract<SystemdService>('a unit', {
    services,
    make: () => make('Restart=always', 'RestartSec=100ms'),
    onStart: () => undefined,
  });

  test('a stop is a job of systemd: the unit ends without failure and is not started again', async () => {
    const unit = make('Restart=always', 'RestartSec=20ms');
    const first = await services.start(unit.service);
    await services.signal(unit.service, first, 'SIGTERM');
    await until(() => show(unit, 'ActiveState') === 'inactive');
    expect([show(unit, 'Result'), show(unit, 'NRestarts')]).toEqual(['success', '0']);
    await new Promise((done) => setTimeout(done, 200));
    expect(await ids(unit)).toEqual([]);
  });

  test('one that systemd started again by itself is another process, and a start is a new one, from which restarts are counted', async () => {
    const unit = make('Restart=always', 'RestartSec=50ms');
    const first = await services.start(unit.service);
    process.kill(first.pid, 'SIGKILL');
    await until(async () => (await ids(unit)).some((pid) => pid !== first.pid));
    expect(await services.family(unit.service, [first])).toEqual([]);
    const [again = 0] = await ids(unit);
    expect(await services.unit(unit.service)).toMatchObject({ restarts: 1, mainPid: again, activeState: 'active', problem: null });
    const anew = await services.start(unit.service, [first]);
    expect(anew.pid).not.toBe(again);
    expect(await services.unit(unit.service)).toMatchObject({ restarts: 0, mainPid: anew.pid });
    expect(await services.start(unit.service, [first])).toEqual(anew);
  });

  test.each([
    ['one that ends with an error and is left alone', 'Restart=no', /did not stay: ActiveState=failed, Result=exit-code, ExecMainStatus=7/],
    ['one that systemd starts again and again', 'Restart=always', /did not stay: .*(ExecMainStatus=7|NRestarts=[1-9])/],
  ])('%s is told with what systemd says of it, and can be started once it is mended', async (_which, restart, words) => {
    const unit = make(restart, 'RestartSec=10ms', 'StartLimitBurst=100');
    const good = readFileSync(unit.program);
    writeFileSync(unit.program, '#!/bin/sh\necho no license >&2\nexit 7\n');
    // It may live for a moment in which it is its unit's main process.
    const attempt = await services.start(unit.service).catch((error: unknown) => error as Error);
    if (attempt instanceof Error)
      expect(attempt).toMatchObject({ code: 'COMMAND_FAILED', message: expect.stringMatching(words) as string });
    else await until(async () => !(await services.isAlive(attempt)));
    expect((await services.logTail(unit.service, 3)).lines).toContain('no license');
    writeFileSync(unit.program, good);
    const identity = await services.start(unit.service);
    await new Promise((done) => setTimeout(done, 100));
    expect(await ids(unit)).toEqual([identity.pid]);
  });

  test('one that failed until systemd gave up is started all the same', async () => {
    const unit = make('Restart=always', 'RestartSec=1ms');
    const good = readFileSync(unit.program);
    writeFileSync(unit.program, '#!/bin/sh\nexit 7\n');
    await services.start(unit.service).catch(() => null);
    await until(() => show(unit, 'ActiveState') === 'failed');
    writeFileSync(unit.program, good);
    const identity = await services.start(unit.service);
    expect(await ids(unit)).toEqual([identity.pid]);
  });

  test('one that systemd waits to start again is started at once, from what is there now', async () => {
    const unit = make('Restart=always', 'RestartSec=1h');
    const first = await services.start(unit.service);
    process.kill(first.pid, 'SIGKILL');
    await until(() => show(unit, 'SubState') === 'auto-restart');
    const fresh = await services.start(unit.service, [first]);
    expect([fresh.pid === first.pid, await ids(unit)]).toEqual([false, [fresh.pid]]);
  });

  test('what a unit leaves running when it stops is of its family, can be ended, and keeps a start back', async () => {
    const unit = make('KillMode=process');
    const worker = join(root, 'worker');
    writeFileSync(worker, `#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.1; done\n`, { mode: 0o755 });
    writeFileSync(unit.program, `#!/bin/sh\n${worker} &\nsetsid ${worker} &\nsleep 1000\n`);
    const first = await services.start(unit.service);
    await until(async () => (await services.family(unit.service, [first])).length >= 4);
    const before = [first, ...(await services.family(unit.service, [first]))];
    await services.signal(unit.service, first, 'SIGTERM');
    await until(async () => !(await services.isAlive(first)));
    await expect(services.start(unit.service, before)).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
    for (const member of await services.family(unit.service, before)) await services.signal(unit.service, member, 'SIGKILL');
    await until(async () => (await services.family(unit.service, before)).length === 0);
    const fresh = await services.start(unit.service, before);
    expect(await services.family(unit.service, before)).toEqual([]);
    const left = await services.family(unit.service, [fresh]);
    await services.signal(unit.service, fresh, 'SIGTERM');
    for (const member of left.filter(({ pid }) => pid !== fresh.pid)) await services.signal(unit.service, member, 'SIGKILL');
  });

  test('a unit file that changed after systemd had read it is told until it is read again', async () => {
    const unit = make();
    await services.start(unit.service);
    expect((await services.unit(unit.service))?.problem).toBeNull();
    unit.rewrite('Nice=1');
    const words = /unit file of sleeper-\S+ changed on disk/;
    await until(async () => (await services.unit(unit.service))?.problem !== null);
    expect(await services.unit(unit.service)).toMatchObject({
      files: [unit.file],
      problem: {
        problem: expect.stringMatching(words) as string,
        hint: expect.stringContaining('systemctl --user daemon-reload') as string,
      },
    });
    expect(await services.startable(unit.service)).toMatchObject({
      program: unit.program,
      stale: { problem: expect.stringMatching(words) as string },
    });
    systemd.systemctl('daemon-reload');
    expect(await services.startable(unit.service)).toEqual({ program: unit.program });
  });

  test('a unit that is masked, gone or of another scope is told before it is stopped', async () => {
    const unit = make();
    const { pid } = await services.start(unit.service);
    unlinkSync(unit.file);
    symlinkSync('/dev/null', unit.file);
    systemd.systemctl('daemon-reload');
    expect(await services.startable(unit.service)).toMatchObject({
      problem: `the unit ${unit.unit} is masked`,
      hint: expect.stringContaining(`systemctl --user unmask`) as string,
    });
    expect(await ids(unit)).toEqual([pid]);
    // What it cannot start again, a manager that ends leaves running.
    process.kill(pid, 'SIGKILL');
    expect(await services.startable({ ...unit.service, unit: 'no-such.service' })).toMatchObject({
      problem: 'the unit no-such.service is not known to the manager of the user',
    });
    await expect(services.start({ ...unit.service, unit: 'no-such.service' })).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });

  test('a condition of the unit that does not hold keeps it from running, and that is told', async () => {
    const unit = make();
    writeFileSync(unit.file, `[Unit]\nConditionPathExists=/no/such/path\n${readFileSync(unit.file, 'utf8')}`);
    await expect(services.start(unit.service)).rejects.toMatchObject({ message: expect.stringContaining('ConditionResult=no') as string });
  });

  test.each([
    ['node', (program: string) => `${process.execPath} --no-warnings ${program} --config x`],
    ['env', (program: string) => `/usr/bin/env node ${program}`],
  ])('the program behind %s is the script', async (_how, line) => {
    const unit = make();
    writeFileSync(unit.file, readFileSync(unit.file, 'utf8').replace(/^ExecStart=.*$/m, `ExecStart=${line(unit.program)}`));
    expect(await services.startable(unit.service)).toEqual({ program: unit.program });
    await services.start(unit.service);
    await until(() => existsSync(unit.log));
    expect((await services.find(unit.service))[0]?.program?.path).toBe(unit.program);
  });

  test('where no manager answers, that is told and nothing is guessed', async () => {
    const unit = make();
    process.env['XDG_RUNTIME_DIR'] = join(root, 'nowhere');
    try {
      await expect(services.find(unit.service)).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
      const identity: ProcessIdentity = { pid: process.pid, startTicks: 1 };
      expect(await services.isAlive(identity)).toBe(false);
    } finally {
      process.env['XDG_RUNTIME_DIR'] = systemd.runtimeDirectory;
    }
  });
});
