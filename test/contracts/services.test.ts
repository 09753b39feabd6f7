// Real processes: found, started exactly once, and never mistaken for another one of the same number.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { servicesProcess } from '../../src/adapters/services-process.js';
import type { ProcessIdentity, ProcessService } from '../../src/core/ports/service-processes.js';
import { servicesContract } from './services-contract.js';

const services = servicesProcess();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'services-')));
const started: [ProcessService, ProcessIdentity][] = [];
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const [service, identity] of started) await services.signal(service, identity, 'SIGKILL');
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

servicesContract('a process', {
  services,
  make: () => {
    const service = deployment();
    return { service, program: join(service.directory, 'versions/1/bin/sleeper'), log: service.log };
  },
  onStart: (service, identity) => started.push([service, identity]),
});

let made = 0;
function deployment(): ProcessService {
  const directory = join(root, `d${made++}`);
  for (const version of ['1', '2']) {
    mkdirSync(join(directory, 'versions', version, 'bin'), { recursive: true });
    const program = join(directory, 'versions', version, 'bin', 'sleeper');
    writeFileSync(
      program,
      `#!/usr/bin/env node\n// ${version}\nconsole.log('up', process.env.GREETING, Object.keys(process.env).sort().join());setInterval(() => {}, 1e6);\n`,
    );
    chmodSync(program, 0o755);
  }
  symlinkSync('versions/1', join(directory, 'current'));
  writeFileSync(join(directory, 'env'), '# comment\nexport GREETING="hello there"\n');
  return {
    kind: 'process',
    id: `${directory}#sleeper`,
    command: [join(directory, 'current', 'bin', 'sleeper'), '--config', 'x'],
    directory,
    environmentFile: join(directory, 'env'),
    pidFile: join(directory, 'run', 'pid'),
    log: join(directory, 'log', 'out'),
  };
}

async function start(service: ProcessService): Promise<ProcessIdentity> {
  const identity = await services.start(service);
  started.push([service, identity]);
  return identity;
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 10));
}

const ids = async (service: ProcessService): Promise<number[]> => (await services.find(service)).map(({ pid }) => pid);

test('a started service names its version, has only its own environment, and writes to its log', async () => {
  const service = deployment();
  const identity = await start(service);
  await until(
    async () =>
      (await services.find(service))[0]?.program !== null && existsSync(service.log) && readFileSync(service.log, 'utf8').includes('up'),
  );
  const [found] = await services.find(service);
  expect(found).toMatchObject({ ...identity, program: { path: join(service.directory, 'versions/1/bin/sleeper') } });
  expect(found?.argv.slice(1)).toEqual([join(service.directory, 'versions/1/bin/sleeper'), '--config', 'x']);
  expect(found?.program?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(service.pidFile, 'utf8')).toBe(`${identity.pid}\n`);
  const line = readFileSync(service.log, 'utf8').trim();
  expect(line).toMatch(/^up hello there /);
  const names = line.split(' ').at(-1)?.split(',') ?? [];
  expect(
    names.filter((name) => !['PATH', 'HOME', 'LANG', 'GREETING', 'ROUTERCTL_SERVICE', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)),
  ).toEqual([]);
});

test('a start never returns what came of a stopped service, and says what still runs of it', async () => {
  const service = deployment();
  const program = join(service.directory, 'versions/1/bin/sleeper');
  writeFileSync(program, '#!/bin/sh\nsleep 1000 &\nsleep 1000\nexit $?\n');
  const old = await start(service);
  await until(async () => (await services.family(service, [old])).length === 3);
  expect((await services.family(service, [old])).filter(({ topmost }) => topmost)).toMatchObject([old]);
  await services.signal(service, old, 'SIGKILL');
  await until(async () => (await ids(service)).length === 2);
  await expect(services.start(service, [old])).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  const left = await services.family(service, [old]);
  expect(left.map(({ topmost }) => topmost)).toEqual([true, true]);
  for (const process of left) await services.signal(service, process, 'SIGKILL');
  await until(async () => (await services.family(service, [old])).length === 0);
  writeFileSync(program, '#!/usr/bin/env node\nsetInterval(() => {}, 1e6);\n');
  const fresh = await services.start(service, [old]);
  started.push([service, fresh]);
  expect(await services.start(service, [old])).toEqual(fresh);
  expect(await services.family(service, [old])).toEqual([]);
});

test('it is found by its mark when nobody wrote its pid down', async () => {
  const service = deployment();
  const { pid } = await start(service);
  unlinkSync(service.pidFile);
  expect(await ids(service)).toEqual([pid]);
  writeFileSync(service.pidFile, `${process.pid}\n`);
  expect(await ids(service)).toEqual([pid]);
});

async function byOperator(service: ProcessService): Promise<number> {
  const child = spawn(service.command[0] ?? '', service.command.slice(1), {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] },
  });
  children.push(child);
  await new Promise((done) => child.stdout.once('data', done));
  mkdirSync(join(service.directory, 'run'), { recursive: true });
  writeFileSync(service.pidFile, `${child.pid ?? 0}\n`);
  return child.pid ?? 0;
}

test('one that the operator started is found by its pid file, and its version is not guessed after the link was repointed', async () => {
  const service = deployment();
  const pid = await byOperator(service);
  expect(await services.find(service)).toMatchObject([{ pid, program: { path: join(service.directory, 'versions/1/bin/sleeper') } }]);
  expect(await start(service)).toMatchObject({ pid });
  await new Promise((done) => setTimeout(done, 100));
  unlinkSync(join(service.directory, 'current'));
  symlinkSync('versions/2', join(service.directory, 'current'));
  expect(await services.find(service)).toMatchObject([{ pid, program: null }]);
});

test('a pid file that names another program, another service or nobody proves nothing', async () => {
  const [service, other] = [deployment(), deployment()];
  const { pid } = await start(other);
  mkdirSync(join(service.directory, 'run'), { recursive: true });
  for (const text of [String(process.pid), String(pid), '4194305', 'x', '']) {
    writeFileSync(service.pidFile, text);
    expect(await services.find(service)).toEqual([]);
  }
});

test('a program that does not exist, and a log that cannot be written, are told before anything runs', async () => {
  const service = deployment();
  await expect(services.start({ ...service, command: ['/no/such/program'] })).rejects.toMatchObject({ code: 'FILE_MISSING' });
  await expect(services.start({ ...service, environmentFile: '/no/such/file' })).rejects.toMatchObject({ code: 'FILE_MISSING' });
  await expect(services.start({ ...service, log: service.directory })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  await expect(services.start({ ...service, pidFile: service.directory })).rejects.toThrow();
  await until(async () => (await services.find(service)).length === 0);
});
