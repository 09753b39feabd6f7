// What every implementation of the HTTP port must do, asked against a real server on loopback.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Http } from '../../src/core/ports/http.js';

type Route = (request: IncomingMessage, response: ServerResponse) => void;

const events = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });

const routes: Readonly<Record<string, Route>> = {
  '/json': (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'X-Request-Id': 'r-1', 'set-cookie': ['a=1', 'b=2'] }).end('{"ok":true}'),
  '/echo': (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => response.end(`${request.method} ${request.headers['accept-encoding']} ${request.headers['x-mine']} ${body}`));
  },
  '/moved': (_, response) => response.writeHead(302, { location: '/json' }).end(),
  '/big': (_, response) => response.end('x'.repeat(10_000)),
  '/gzip': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000))),
  '/silent': () => undefined,
  '/half': (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => response.destroy(), 20);
  },
  '/stalls': (_, response) => void response.writeHead(200).write('begun'),
  '/headers': (_, response) => response.writeHead(200, { 'x-much': 'y'.repeat(20_000) }).end(),
  '/sse': (_, response) => {
    events(response).write(': hello\n\ndata: {"n":1}\n\n');
    setTimeout(() => response.end('event: last\r\ndata: [DONE]\r\n\r\n'), 40);
  },
  '/sse-cut': (_, response) => {
    events(response).write('data: 1\n\n');
    setTimeout(() => response.destroy(), 20);
  },
  '/sse-stalls': (_, response) => void events(response).write('data: 1\n\n'),
  '/sse-error': (_, response) => response.writeHead(429, { 'content-type': 'application/json' }).end('{"error":{}}'),
};

export function httpContract(name: string, http: () => Http): void {
  let server: Server;
  let garbage: TcpServer;
  let base = '';
  let garbageBase = '';

  beforeAll(async () => {
    server = createServer((request, response) => (routes[request.url ?? ''] ?? ((_, r) => r.writeHead(404).end()))(request, response));
    garbage = createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH\r\n\r\n'));
    await Promise.all([
      new Promise<void>((done) => server.listen(0, '127.0.0.1', done)),
      new Promise<void>((done) => garbage.listen(0, '127.0.0.1', done)),
    ]);
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    garbageBase = `http://127.0.0.1:${(garbage.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    garbage.close();
  });
  const get = (path: string, more: object = {}) => http().request({ method: 'GET', url: base + path, timeoutMs: 5000, ...more });
  const stream = (path: string, more: object = {}) => http().stream({ method: 'GET', url: base + path, timeoutMs: 5000, ...more });

  test(`${name}: an answer carries status, lower-case headers, body and times`, async () => {
    const answer = await get('/json');
    expect(answer).toMatchObject({ kind: 'answer', status: 200, body: '{"ok":true}', truncated: false });
    if (answer.kind !== 'answer') return;
    expect(answer.headers).toMatchObject({ 'x-request-id': 'r-1', 'set-cookie': 'a=1, b=2' });
    expect(answer.totalMs).toBeGreaterThanOrEqual(answer.firstByteMs);
    expect(answer.firstByteMs).toBeGreaterThan(0);
  });

  test(`${name}: method, headers and body are sent and no encoding is accepted`, async () => {
    const answer = await http().request({
      method: 'POST',
      url: `${base}/echo`,
      headers: { 'x-mine': 'yes' },
      body: 'hällo',
      timeoutMs: 5000,
    });
    expect(answer).toMatchObject({ body: 'POST identity yes hällo' });
  });

  test(`${name}: a redirect is an answer, never followed`, async () => {
    expect(await get('/moved')).toMatchObject({ status: 302, headers: { location: '/json' } });
  });

  test(`${name}: a body over the limit is cut and marked`, async () => {
    const answer = await get('/big', { maxBytes: 1000 });
    expect(answer).toMatchObject({ kind: 'answer', truncated: true });
    expect(answer.kind === 'answer' && answer.body.length).toBe(1000);
  });

  test(`${name}: a compressed body is not inflated`, async () => {
    const answer = await get('/gzip');
    expect(answer.kind === 'answer' && answer.body.length).toBeLessThan(5000);
  });

  test(`${name}: nobody listening is unreachable, refused`, async () => {
    const probe = createTcpServer();
    await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
    const { port } = probe.address() as AddressInfo;
    await new Promise((done) => probe.close(done));
    expect(await http().request({ method: 'GET', url: `http://127.0.0.1:${port}/`, timeoutMs: 5000 })).toMatchObject({
      kind: 'unreachable',
      reason: 'refused',
    });
  });

  test.each([
    ['/silent', 'timeout'],
    ['/stalls', 'timeout'],
    ['/half', 'reset'],
    ['/headers', 'protocol'],
  ])(`${name}: %s is unreachable, %s`, async (path, reason) => {
    expect(await get(path, { timeoutMs: 300 })).toMatchObject({ kind: 'unreachable', reason });
  });

  test(`${name}: another protocol is unreachable, protocol`, async () => {
    expect(await http().request({ method: 'GET', url: garbageBase, timeoutMs: 5000 })).toMatchObject({
      kind: 'unreachable',
      reason: 'protocol',
    });
  });

  test(`${name}: an abort ends the call at once, before and after it was sent`, async () => {
    expect(await get('/silent', { signal: AbortSignal.abort() })).toMatchObject({ kind: 'unreachable', reason: 'aborted' });
    const controller = new AbortController();
    const pending = get('/silent', { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(await pending).toMatchObject({ kind: 'unreachable', reason: 'aborted' });
  });

  test.each([
    ['its time is up', () => ({ timeoutMs: 100 })],
    ['it is aborted', () => ({ signal: AbortSignal.timeout(100) })],
  ])(`${name}: the connection is dropped when %s`, async (_, more) => {
    const dropped = new Promise<void>((done) => server.once('request', (request: IncomingMessage) => request.once('close', done)));
    expect(await get('/stalls', more())).toMatchObject({ kind: 'unreachable' });
    await dropped;
  });

  test.each([
    'ftp://127.0.0.1/',
    'nonsense',
    'http://user:pass@127.0.0.1/',
    'http://169.254.169.254/latest',
    'http://0xa9fea9fe/',
    'http://[::ffff:169.254.1.1]/',
    'http://[fe80::1]/',
  ])(`${name}: %s is refused before anything is asked`, async (url) => {
    await expect(http().request({ method: 'GET', url, timeoutMs: 1000 })).rejects.toMatchObject({ code: 'URL_REFUSED' });
  });

  test(`${name}: events arrive with the time of their own last line and a proper end`, async () => {
    const result = await stream('/sse');
    expect(result).toMatchObject({ kind: 'stream', status: 200, ended: 'closed', body: '' });
    if (result.kind !== 'stream') return;
    expect(result.events.map(({ event, data }) => [event, data])).toEqual([
      [null, '{"n":1}'],
      ['last', '[DONE]'],
    ]);
    expect((result.events[1]?.atMs ?? 0) - (result.events[0]?.atMs ?? 0)).toBeGreaterThan(20);
  });

  test.each([
    ['/sse-cut', 'cut', {}],
    ['/sse-stalls', 'timeout', { timeoutMs: 300 }],
    ['/sse', 'limit', { maxBytes: 30 }],
  ])(`${name}: stream %s ends as %s and keeps what came before`, async (path, ended, more) => {
    const result = await stream(path, more);
    expect(result).toMatchObject({ kind: 'stream', ended });
    expect(result.kind === 'stream' && result.events[0]?.data).toMatch(/1/);
  });

  test(`${name}: a stream answered with a document keeps the document`, async () => {
    expect(await stream('/sse-error')).toMatchObject({ kind: 'stream', status: 429, events: [], body: '{"error":{}}', ended: 'closed' });
  });

  test(`${name}: a stream that never answers is unreachable`, async () => {
    expect(await stream('/silent', { timeoutMs: 200 })).toMatchObject({ kind: 'unreachable', reason: 'timeout' });
  });
}
