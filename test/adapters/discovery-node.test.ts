// What the kernel tells of processes of the test's own: where they listen, which share a socket, and of an environment the names alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoveryNode } from '../../src/adapters/discovery-node.js';

const discovery = discoveryNode();
const home = realpathSync(mkdtempSync(join(tmpdir(), 'discovery-')));
const database = join(home, 'usage.sqlite');
let child: ChildProcess;
let ports: readonly number[] = [];

const program = `
const { createServer } = require('node:net');
require('node:fs').openSync('usage.sqlite');
const listen = (host) => new Promise((done) => { const server = createServer(); server.listen(0, host, () => done(server.address().port)); });
Promise.all([listen('127.0.0.1'), listen('0.0.0.0'), listen('::1'), listen('127.0.0.2')]).then(async (own) => {

  console.log(JSON.stringify(own));
});
`;

beforeAll(async () => {
  const made = new Database(database);
  made.exec('create table usage (id text)');
  made.close();
  writeFileSync(join(home, 'serve.cjs'), program);
  const env = { PATH: process.env['PATH'], PLANTED_NAME: 'planted-value' };
  child = spawn(process.execPath, ['serve.cjs', '--config', 'x.yaml'], { cwd: home, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const said = await new Promise<string>((done) => child.stdout?.once('data', (data: Buffer) => done(data.toString())));
  ports = JSON.parse(said) as number[];
});
afterAll(() => {
  child.kill('SIGKILL');
  rmSync(home, { recursive: true });
});

test('a process is found by each of its ports, with the address at which it can be asked', async () => {
  const [loopback = 0, everywhere = 0, six = 0, second = 0] = ports;
  const [found, ...others] = await discovery.listening(six);

  expect(others).toEqual([]);
  expect(found).toMatchObject({ pid: child.pid, directory: home, program: join(home, 'serve.cjs') });
  expect(found?.listens).toHaveLength(4);
  expect(found?.listens).toEqual(
    expect.arrayContaining([
      { host: '127.0.0.1', port: loopback },
      { host: '127.0.0.1', port: everywhere },
      { host: '[::1]', port: six },
      { host: '127.0.0.2', port: second },
    ]),
  );
});

test('of its environment the names leave, and whether it held given values', async () => {
  const found = await discovery.process(child.pid ?? 0);
  const held = (value: string) => discovery.startedWith(child.pid ?? 0, [{ key: 'PLANTED_NAME', value }]);

  expect(found?.environmentNames).toContain('PLANTED_NAME');
  expect(JSON.stringify(found)).not.toContain('planted-value');
  expect([await held('planted-value'), await held('planted')]).toEqual([true, false]);
});

test('a database is known by how it begins, and among the files that the process holds open', async () => {
  const found = await discovery.process(child.pid ?? 0);

  expect(found?.openFiles).toEqual([database]);
  expect([await discovery.isSqlite(database), await discovery.isSqlite(join(home, 'serve.cjs')), await discovery.isSqlite(home)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('nobody listens on a port that is free, and a process that is gone is nothing', async () => {
  expect(await discovery.listening(1)).toEqual([]);
  expect(await discovery.process(4_194_305)).toBeNull();
});
