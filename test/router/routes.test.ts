import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type StartedRouter, startRouter, tokens } from './started-router.js';

const requestIdShape = /^req_[0-9a-f]{32}$/;
let router: StartedRouter;

beforeAll(async () => {
  router = await startRouter({ config: { limits: { body_bytes: 4096 } } });
});
afterAll(async () => router.stop());

test('probes and the version document need no token and carry the build stamp', async () => {
  const stamp = { version: '1.0.0', commit: 'abc', build_date: '2026-01-01T00:00:00Z' };

  expect(await (await router.get('/healthz')).json()).toEqual({ ok: true, ...stamp });
  expect(await (await router.get('/readyz')).json()).toEqual({ ok: true, ...stamp, in_flight: 0 });
  const version = await (await router.get('/version')).json();
  expect(version).toEqual({ product: 'reference-router', ...stamp, node: process.versions.node, os: process.platform, arch: process.arch });
});

test('every answer carries a request id of its own', async () => {
  const paths = ['/healthz', '/readyz', '/version', '/v1/models', '/nowhere'];
  const ids = await Promise.all(paths.map(async (path) => (await router.get(path)).headers.get('x-request-id') ?? ''));

  expect(ids.filter((id) => !requestIdShape.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(paths.length);
});

test('models are listed for every client, with what they can do, filtered by what the caller may use', async () => {
  const all = await (await router.get('/v1/models', tokens.all)).json();
  const few = await (await router.get('/v1/models', tokens.small)).json();

  const model = (id: string) => ({
    id,
    slug: id,
    object: 'model',
    created: 0,
    owned_by: 'reference-router',
    display_name: id,
    context_window: 128_000,
    max_output_tokens: 4096,
    input_modalities: ['text'],
    output_modalities: ['text'],
    supports_tools: true,
    supports_parallel_tool_calls: true,
  });
  const both = [model('small'), model('large')];
  expect(all).toEqual({ object: 'list', data: both, models: both });
  expect(few).toEqual({ object: 'list', data: [model('small')], models: [model('small')] });
});

test('a token may also come as X-API-Key', async () => {
  const answer = await fetch(`${router.url}/v1/models`, { headers: { 'x-api-key': tokens.small } });

  expect(answer.status).toBe(200);
});

test.each([
  ['no token', { token: null }, ask('hi'), 401, 'unauthorized'],
  ['an unknown token', { token: 'rt-unknown' }, ask('hi'), 401, 'unauthorized'],
  ['a disabled token', { token: tokens.disabled }, ask('hi'), 403, 'key-disabled'],
  ['a model outside the allow-list', { token: tokens.small }, ask('hi', { model: 'large' }), 403, 'model-not-allowed'],
  ['a model that is nowhere', {}, ask('hi', { model: 'gone' }), 403, 'model-not-found'],
  ['no model', {}, { messages: [{ role: 'user', content: 'hi' }] }, 400, 'missing-model'],
  ['no messages', {}, { model: 'small', messages: [] }, 400, 'invalid-request'],
  ['a message without a role', {}, { model: 'small', messages: [{ content: 'hi' }] }, 400, 'invalid-request'],
  ['a stream flag that is not one', {}, ask('hi', { stream: 'yes' }), 400, 'invalid-request'],
  ['stream options that are not an object', {}, ask('hi', { stream_options: 1 }), 400, 'invalid-request'],
  ['a body that is not JSON', {}, '{"model":', 400, 'invalid-body'],
  ['a body that is an array', {}, '[]', 400, 'invalid-body'],
  ['a body that is not UTF-8', {}, Buffer.from(JSON.stringify(ask('caf\u00e9')), 'latin1'), 400, 'invalid-body'],
  ['a body over the limit', {}, ask('x'.repeat(5000)), 413, 'request-too-large'],
])('%s is refused before any upstream call', async (_, options, body, status, code) => {
  const before = router.upstream.counters.requests;
  const answer = await router.chat(body, options);

  const { error } = (await answer.json()) as { error: Record<string, unknown> };
  expect(answer.status).toBe(status);
  expect(Object.keys(error)).toEqual(['message', 'type', 'code', 'param', 'request_id']);
  expect(error).toMatchObject({ code, param: null, request_id: answer.headers.get('x-request-id') });
  expect(router.upstream.counters.requests).toBe(before);
});

test('a body over the limit is refused even when it does not say its length', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(
      `${router.url}/v1/chat/completions`,
      { method: 'POST', headers: { authorization: `Bearer ${tokens.all}` } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    sent.on('error', reject);
    sent.write('x'.repeat(3000));
    sent.write('x'.repeat(3000));
  });

  expect(status).toBe(413);
});

test('a caller who sends everything before reading still gets the refusal', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const size = 8 * 1024 * 1024;
    const socket = connect(Number(new URL(router.url).port), '127.0.0.1', () => {
      socket.pause();
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${tokens.all}\r\nContent-Length: ${size}\r\n\r\n`,
      );
      socket.write(Buffer.alloc(size, 'x'), () => socket.resume());
    });
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });

  expect(text).toContain('HTTP/1.1 413 ');
  expect(text).toContain('request-too-large');
});

test.each([
  ['GET', '/nowhere', 404, 'not-found'],
  ['GET', '/v1/chat/completions/', 404, 'not-found'],
  ['GET', '/__proto__', 404, 'not-found'],
  ['GET', '/v1/chat/completions', 405, 'method-not-allowed'],
  ['POST', '/readyz', 405, 'method-not-allowed'],
])('%s %s answers %i', async (method, path, status, code) => {
  const answer = await fetch(`${router.url}${path}`, { method });

  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { code } });
});

test.each([
  ['bytes that are not HTTP', 'nonsense\r\n\r\n', 400, 'invalid-request'],
  ['headers over the limit', `GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
])('%s get the same shape of error', async (_, bytes, status, code) => {
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(Number(new URL(router.url).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });

  const [head = '', body = ''] = text.split('\r\n\r\n');
  expect(head).toContain(`HTTP/1.1 ${status} `);
  const { error } = JSON.parse(body) as { error: { code: string; request_id: string } };
  expect(error.code).toBe(code);
  expect(head).toContain(`X-Request-Id: ${error.request_id}`);
});

test('a deeply nested body is refused or passed on, and never crashes the router', async () => {
  const deep = `{"model":"small","messages":[{"role":"user","content":${'['.repeat(1500)}${']'.repeat(1500)}}]}`;
  const answer = await router.chat(deep);
  await answer.text();

  expect([200, 400]).toContain(answer.status);
  expect((await router.get('/healthz')).status).toBe(200);
});
