import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program } from '../e2e/operator.js';
import { asNobody } from '../lab/nobody.js';

let desk: string;
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), 'routerctl-no-record-'));
  chmodSync(desk, 0o755);
  mkdirSync(join(desk, 'tmp'), { mode: 0o777 });
  chmodSync(join(desk, 'tmp'), 0o777);
});
afterEach(() => rmSync(desk, { recursive: true, force: true }));

/** Asks a router that is none; what counts here is where the answers are kept. */
async function smoke(state: string, as: 'me' | 'nobody', ...more: readonly string[]) {
  const server = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end('<html></html>'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const command = [process.execPath, program, 'smoke', url, '-q', ...more];
  const [file = '', ...rest] = as === 'nobody' ? asNobody(join(desk, 'tmp'), command) : command;
  const env = { PATH: process.env['PATH'], HOME: join(desk, 'tmp'), TMPDIR: join(desk, 'tmp'), ROUTERCTL_STATE: state, NO_COLOR: '1' };
  try {
    return await execa(file, rest, { cwd: join(desk, 'tmp'), env, extendEnv: false, reject: false, stdin: 'ignore' });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const left = (): readonly string[] => readdirSync(join(desk, 'tmp')).filter((name) => name.startsWith('routerctl'));

test('where no record can be kept a smoke answers all the same, says so once, and leaves nothing behind', async () => {
  writeFileSync(join(desk, 'file'), '');
  const state = join(desk, 'file', 'state');
  const { exitCode, stdout, stderr } = await smoke(state, 'me', '-o', 'junit=smoke.xml');
  expect([exitCode, stderr, left()]).toEqual([3, '', []]);
  expect(
    stdout.replaceAll(/\s+/g, ' ').match(/no record is kept: this user cannot write in \S+; to have one set ROUTERCTL_STATE/g),
  ).toHaveLength(1);
  expect(stdout).not.toContain('routerctl-unrecorded');
  expect(existsSync(join(desk, 'tmp', 'smoke.xml'))).toBe(true);
  expect(JSON.parse((await smoke(state, 'me', '--json')).stdout)).toMatchObject({ exitCode: 3, report: null });
  expect(left()).toEqual([]);
});

test('a state directory of another user is one of those', async (context) => {
  if (process.getuid?.() !== 0) return context.skip();
  mkdirSync(join(desk, 'state'));
  const { exitCode, stdout } = await smoke(join(desk, 'state'), 'nobody');
  expect([exitCode, readdirSync(join(desk, 'state')), left()]).toEqual([3, [], []]);
  expect(stdout).toContain('no record is kept');
});

test('where one can be kept it is', async () => {
  const { stdout } = await smoke(join(desk, 'tmp', 'state'), 'me');
  expect(stdout).toContain(`report ${join(desk, 'tmp', 'state')}`);
});
