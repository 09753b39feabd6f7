import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedRouter, startRouter } from '../started-router.js';

let router: StartedRouter;
beforeAll(async () => {
  // What is hung up on here is not hung up on because its request takes too long.
  router = await startRouter({ config: { limits: { request_timeout_ms: 600_000 } } });
});
afterAll(() => router.stop());

const upgrade = 'GET /v1/responses HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

async function open(): Promise<Socket> {
  const socket = connect({ port: Number(new URL(router.url).port), host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

test('refused callers that reset the connection at once do the router no harm', async () => {
  for (let turn = 0; turn < 50; turn += 1) {
    const socket = await open();
    socket.on('error', () => undefined);
    socket.write(upgrade.repeat(2));
    socket.resetAndDestroy();
  }

  expect((await router.get('/healthz')).status).toBe(200);
});

test('refused callers that neither close nor fall silent are hung up on', async () => {
  const socket = await open();
  const gone = new Promise((done) => socket.once('error', done).once('close', done));
  socket.write(upgrade);
  socket.resume();
  await once(socket, 'end');
  // Written after the connection is gone, a byte is answered by a reset.
  const talk = setInterval(() => socket.write('x'), 100);
  await gone;
  clearInterval(talk);
  socket.destroy();

  expect((await router.get('/healthz')).status).toBe(200);
});

test('a caller who is refused in the middle of its body and then falls silent is hung up on', async () => {
  const socket = await open();
  let text = '';
  socket.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{');
  await once(socket, 'end');
  socket.destroy();

  expect(text).toMatch(/^HTTP\/1\.1 401 .*"code":"unauthorized"/s);
});
