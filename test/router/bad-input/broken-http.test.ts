// What no HTTP client would send: every answer has our shape and an id, and the next caller is served.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { answersIn, openSocket, sendRaw, textUntilClosed } from '../raw-socket.js';
import { ask, readRows, type StartedRouter, startRouter, tokens } from '../started-router.js';

let router: StartedRouter;
beforeAll(async () => {
  router = await startRouter({
    models: { small: 'echo-1', slow: 'pieces-100' },
    config: { limits: { body_bytes: 10_000, request_timeout_ms: 500 } },
  });
});
afterAll(async () => router.stop());
afterEach(async () => {
  expect((await router.get('/healthz')).status).toBe(200);
});

const auth = `Host: a\r\nAuthorization: Bearer ${tokens.all}\r\n`;
const question = JSON.stringify(ask('reply with exactly: PONG'));
const length = Buffer.byteLength(question);
const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const post = (headers: string, body = question, path = '/v1/chat/completions'): string =>
  `POST ${path} HTTP/1.1\r\n${auth}${headers}\r\n${body}`;
const codeOf = (text: string): unknown => (JSON.parse(text) as { error?: { code: unknown } }).error?.code ?? null;

const inFlight = async (): Promise<number> => ((await (await router.get('/readyz')).json()) as { in_flight: number }).in_flight;

async function outcomes(...parts: readonly (string | Uint8Array)[]): Promise<(readonly [number, unknown])[]> {
  const answers = await sendRaw(router.url, ...parts);
  for (const { status, headers, text } of answers) {
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    if (status >= 400) expect(text).toContain(`"request_id":"${headers.get('x-request-id')}"`);
  }
  return answers.map(({ status, text }) => [status, status < 400 ? null : codeOf(text)] as const);
}
const close = 'Connection: close\r\n';

test.each([
  ['two lengths that differ', post(`${close}Content-Length: ${length}\r\nContent-Length: 5\r\n`), 400, 'invalid-request'],
  [
    'a length and chunks',
    post(`${close}Content-Length: ${length}\r\nTransfer-Encoding: chunked\r\n`, chunked(question)),
    400,
    'invalid-request',
  ],
  ['chunks and a length', post(`${close}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n`, chunked(question)), 400, 'invalid-request'],
  ['a transfer encoding after chunked', post(`${close}Transfer-Encoding: chunked, identity\r\n`), 400, 'invalid-request'],
  ['a length that is no number', post(`${close}Content-Length: 1e3\r\n`), 400, 'invalid-request'],
  ['a negative length', post(`${close}Content-Length: -1\r\n`), 400, 'invalid-request'],
  ['a space before the colon of a header', post(`${close}Content-Length : ${length}\r\n`), 400, 'invalid-request'],
  ['a folded header', post(`${close}X-Folded: a\r\n b\r\nContent-Length: ${length}\r\n`), 400, 'invalid-request'],
  ['a NUL in a header', post(`${close}X-Nul: a\0b\r\nContent-Length: ${length}\r\n`), 400, 'invalid-request'],
  ['a bare line feed before the body', `POST / HTTP/1.1\n${auth}\n`, 400, 'invalid-request'],
  ['chunks that are none', post(`${close}Transfer-Encoding: chunked\r\n`, 'zz\r\nnonsense\r\n'), 400, 'invalid-request'],
  ['a method that is none', `FETCH /healthz HTTP/1.1\r\nHost: a\r\n\r\n`, 400, 'invalid-request'],
  ['a version that is none', `GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n`, 400, 'invalid-request'],
  ['a request of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid-request'],
  ['a TLS greeting', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 400, 'invalid-request'],
  ['no Host', `GET /healthz HTTP/1.1\r\n${close}\r\n`, 400, 'invalid-request'],
  ['two Hosts', `GET /healthz HTTP/1.1\r\nHost: a\r\nhost: a\r\n${close}\r\n`, 400, 'invalid-request'],
  ['two Hosts of HTTP/1.0', 'GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'invalid-request'],
  ['a NUL in the path', `GET /docs/\0 HTTP/1.1\r\nHost: a\r\n${close}\r\n`, 400, 'invalid-request'],
  ['many headers', `GET /healthz HTTP/1.1\r\nHost: a\r\n${'X-One: 1\r\n'.repeat(3000)}\r\n`, 431, 'headers-too-large'],
  ['a body that says it is too large', post(`${close}Content-Length: 10001\r\n`, ''), 413, 'request-too-large'],
  ['chunks that become too large', post(`${close}Transfer-Encoding: chunked\r\n`, chunked('x'.repeat(10_001))), 413, 'request-too-large'],
  [
    'extensions of a chunk without measure',
    post(`${close}Transfer-Encoding: chunked\r\n`, `5;${'x'.repeat(20_000)}\r\nhello\r\n`),
    413,
    'request-too-large',
  ],
  ['a body that ends early', post(`Content-Length: ${length + 1}\r\n`), 408, 'request-timeout'],
  ['chunks without an end', post('Transfer-Encoding: chunked\r\n', chunked(question)), 408, 'request-timeout'],
  ['headers without an end', `GET /healthz HTTP/1.1\r\nHost: a\r\n`, 408, 'request-timeout'],
  ['a connection that says nothing', '', 408, 'request-timeout'],
])('%s', async (_, bytes, status, code) => {
  expect(await outcomes(bytes)).toEqual([[status, code]]);
});

test.each([
  ['HTTP/1.0 without Host', 'GET /healthz HTTP/1.0\r\n\r\n'],
  ['a target in its absolute form', `GET http://a.test/healthz?x=1 HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['an expectation that is not known', `GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n${close}\r\n`],
  ['an upgrade that is not for this hop', `GET /healthz HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n${close}\r\n`],
  ['a body where none is wanted', `GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n${close}\r\n{}`],
  ['a body in chunks with trailers', post(`${close}Transfer-Encoding: chunked\r\n`, `${chunked(question)}0\r\nX-Trailer: 1\r\n\r\n`)],
])('%s is answered', async (_, bytes) => {
  expect(await outcomes(bytes)).toEqual([[200, null]]);
});

test.each(['DELETE', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])('%s is told what the path answers', async (method) => {
  expect(await outcomes(`${method} /v1/messages HTTP/1.1\r\n${auth}${close}\r\n`)).toEqual([[405, 'method-not-allowed']]);
});

test('the asterisk is no path, and CONNECT is told so in its turn', async () => {
  const tunnel = 'CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n';
  expect(await outcomes(`OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}\r\n`)).toEqual([[404, 'not-found']]);
  expect(await outcomes(tunnel)).toEqual([[405, 'method-not-allowed']]);
  expect((await sendRaw(router.url, tunnel))[0]?.headers.get('allow')).toBe('GET, POST');
  expect(await outcomes(`${post(`Content-Length: ${length}\r\n`)}${tunnel}`)).toEqual([
    [200, null],
    [405, 'method-not-allowed'],
  ]);
});

test.each(['/v1/messages', '/anthropic/v1/messages'])('%s refuses an unfit head as its dialect does', async (path) => {
  const heads = [
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    `POST ${path} HTTP/1.1\r\n${close}\r\n`,
    `POST ${path} HTTP/1.1\r\nHost: a\r\nHost: b\r\n${close}\r\n`,
  ];
  const [socket, hostless, two] = await Promise.all(heads.map(async (head) => (await sendRaw(router.url, head))[0]));

  expect([socket, hostless, two].map((answer) => [answer?.status, codeOf(answer?.text ?? '')])).toEqual([
    [426, 'upgrade-unsupported'],
    [400, 'invalid-request'],
    [400, 'invalid-request'],
  ]);
  for (const answer of [socket, hostless, two])
    expect(JSON.parse(answer?.text ?? '')).toMatchObject({ type: 'error', request_id: answer?.headers.get('x-request-id') });
});

test.each([
  ['h2c', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'],
  ['another protocol', 'Connection: upgrade\r\nUpgrade: IRC/6.9\r\n'],
])('a request for an upgrade to %s is answered as it is, and nothing behind it is lost in silence', async (_, headers) => {
  const asked = post(`${headers}Content-Length: ${length}\r\n`);
  const [answer, ...more] = await sendRaw(router.url, `${asked}GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`);

  expect([answer?.status, answer?.headers.get('connection'), more]).toEqual([200, 'close', []]);
});

test('pipelined requests are answered in their order, and what is broken behind them comes last', async () => {
  const good = post(`Content-Length: ${length}\r\n`);
  const bad = post('Content-Length: 2\r\n', '[]');

  expect(await outcomes(`${good}${bad}${good}nonsense\r\n\r\n`)).toEqual([
    [200, null],
    [400, 'invalid-body'],
    [200, null],
    [400, 'invalid-request'],
  ]);
});

test('bytes that are not HTTP do not get into the stream that is under way', async () => {
  const body = JSON.stringify({ ...ask('a tale'), model: 'slow', stream: true });
  const socket = await openSocket(router.url);
  const heard = textUntilClosed(socket);
  socket.write(post(`Content-Length: ${Buffer.byteLength(body)}\r\n`, body));
  await once(socket, 'data');
  socket.write('nonsense\r\n\r\n');
  const [stream = '', rest = ''] = (await heard).split('data: [DONE]');

  expect(stream).not.toContain('HTTP/1.1 400');
  expect(rest).toContain('HTTP/1.1 400');
});

test('who goes on with what cannot be read, after it was refused, is not cut off while the answer is on its way', async () => {
  const socket = await openSocket(router.url);
  const heard = textUntilClosed(socket);
  socket.write(post('Transfer-Encoding: chunked\r\n', 'zz\r\nnonsense\r\n'));
  await once(socket, 'data');
  for (const piece of ['more\r\n', 'and more\r\n', 'and still more\r\n']) {
    socket.write(piece);
    await sleep(20);
  }
  expect([socket.errored, socket.readableEnded]).toEqual([null, false]);
  socket.end();

  expect(answersIn(await heard).map(({ status, text }) => [status, codeOf(text)])).toEqual([[400, 'invalid-request']]);
});

test('a body that comes byte by byte in time is read, and one cut in the middle of a character is whole again', async () => {
  const body = Buffer.from(JSON.stringify(ask('Grüße 🦊')));
  const socket = await openSocket(router.url);
  const heard = textUntilClosed(socket.setNoDelay(true));
  socket.write(post(`${close}Content-Length: ${body.length}\r\n`, ''));
  for (const byte of body) {
    socket.write(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }

  expect(await heard).toMatch(/^HTTP\/1\.1 200 /);
});

test('a caller who half-closes, resets or leaves at any moment holds nothing, and an upgrade that is reset does no harm', async () => {
  const upgrade = 'GET /v1/responses HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const whole = post(`Content-Length: ${length}\r\n`);
  const texts = ['', 'PO', whole.slice(0, -5), whole, whole + whole, upgrade, 'nonsense\r\n\r\n'];
  const ways: ((socket: Socket) => unknown)[] = [
    (socket) => socket.end(),
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.destroy(),
  ];
  for (const text of texts)
    for (const leave of ways) {
      const socket = await openSocket(router.url);
      socket.resume().write(text);
      await sleep(5);
      leave(socket);
      if (!socket.closed) await once(socket, 'close');
    }

  while ((await inFlight()) > 0) await sleep(10);
  expect(readRows(router.databasePath).filter(({ error }) => error === 'internal-error')).toEqual([]);
});

test('a caller who leaves with answers waiting behind one another takes all of them along', async () => {
  const slow = JSON.stringify({ ...ask('a tale of many words'), model: 'slow', stream: true });
  const one = post(`Content-Length: ${Buffer.byteLength(slow)}\r\n`, slow);
  const before = router.upstream.counters.requests;
  const socket = await openSocket(router.url);
  socket.resume().write(one + one + one + post(`Content-Length: ${length}\r\n`));
  while (router.upstream.counters.requests < before + 4) await sleep(5);
  socket.destroy();

  while ((await inFlight()) > 0) await sleep(10);
  expect(router.upstream.counters.canceled).toBeGreaterThanOrEqual(3);
});
