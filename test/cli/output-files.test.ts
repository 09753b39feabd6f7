import { mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { begin, program, type Said } from '../e2e/operator.js';

let desk: string;
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), 'routerctl-output-files-'));
});
afterEach(() => rmSync(desk, { recursive: true, force: true }));

/** A router that is none, so that a smoke of it fails; `meanwhile` happens while it is asked. */
async function smokeOf(meanwhile: () => void, ...more: readonly string[]): Promise<Said> {
  const server = createServer((_request, response) => {
    meanwhile();
    response.setHeader('content-type', 'text/html').end('<html></html>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const env = { PATH: process.env['PATH'], HOME: desk, ROUTERCTL_STATE: join(desk, 'state'), NO_COLOR: '1' };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await begin(
      process.execPath,
      [program, 'smoke', url, '-q', '-o', 'junit=smoke.xml', '-o', 'json=smoke.json', ...more],
      desk,
      env,
    ).ended;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const spoil = (): void => void mkdirSync(join(desk, 'smoke.xml'), { recursive: true });

test('a file that can no longer be written at the end takes neither the summary nor the exit code from a run', async () => {
  const whole = await smokeOf(() => undefined);
  expect([whole.code, whole.err]).toEqual([3, '']);
  unlinkSync(join(desk, 'smoke.xml'));
  const spoilt = await smokeOf(spoil);
  expect(spoilt.code).toBe(3);
  expect(spoilt.out).toContain('report ');
  expect(spoilt.err).toMatch(/NOT written: -o junit=.*smoke\.xml.*\n {2}hint: it is part of the report: cp .*junit\.xml FILE/);
  expect(JSON.parse(readFileSync(join(desk, 'smoke.json'), 'utf8'))).toBeTypeOf('object');
});

test('with --json the document of the run is printed all the same, with its id', async () => {
  const { code, out } = await smokeOf(spoil, '--json');
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ exitCode: 3, runId: expect.any(String) as string });
});
