import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { httpUndici } from '../../src/adapters/http-undici.js';
import { httpContract } from '../contracts/http-contract.js';

const http = httpUndici();
afterAll(() => http.close());
httpContract('undici', () => http);

test('close ends kept-alive connections, and the next request opens a new one', async () => {
  const server = createServer((_, response) => response.end('ok'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const own = httpUndici();
  let connections = 0;
  server.on('connection', () => (connections += 1));
  for (let asked = 0; asked < 10; asked += 1) await own.request({ method: 'GET', url, timeoutMs: 5000 });
  // undici rests a socket for one turn of the event loop, so that two take turns.
  expect(connections).toBeLessThanOrEqual(2);
  connections = 0;
  await own.close();
  expect(await own.request({ method: 'GET', url, timeoutMs: 5000 })).toMatchObject({ status: 200 });
  expect(connections).toBe(1);
  await own.close();
  await new Promise((done) => server.close(done));
});
