import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { EarlyEnd } from '../../src/router/early-end.js';
import { GatewayError } from '../../src/router/gateway-error.js';
import { freePort } from '../../src/router/lab/free-port.js';
import type { Target } from '../../src/router/routing/target.js';
import { UpstreamClient } from '../../src/router/upstream/upstream-client.js';
import { ask, providerKey, type StartedRouter, startRouter, streamData } from './started-router.js';

let router: StartedRouter;

beforeAll(async () => {
  router = await startRouter({
    config: {
      upstream: {
        connect_timeout_ms: 500,
        first_byte_timeout_ms: 500,
        idle_timeout_ms: 500,
        total_timeout_ms: 5000,
        breaker: { failures: 1000 },
      },
    },
  });
});
beforeEach(() => router.upstream.setFaults([]));
afterAll(async () => router.stop());

const leak = `no luck with ${providerKey} and your prompt`;

test.each([
  ['a rate limit', { status: 429 }, 503, 'upstream-rate-limited'],
  ['a used-up quota', { status: 402 }, 503, 'upstream-quota-exhausted'],
  ['a refused key', { status: 401 }, 503, 'upstream-access-denied'],
  ['a server error', { status: 500 }, 502, 'upstream-failed'],
  ['a gateway time-out', { status: 504 }, 504, 'upstream-timeout'],
  ['a request that it calls wrong', { status: 400 }, 400, 'upstream-refused-request'],
  ['a request that it cannot process', { status: 422 }, 400, 'upstream-refused-request'],
  ['a request that it calls too large', { status: 413 }, 413, 'request-too-large'],
  ['a model that it does not know', { status: 404 }, 502, 'upstream-failed'],
  ['an answer that is HTML', { body: `<html>${leak}</html>`, headers: { 'content-type': 'text/html' } }, 502, 'upstream-failed'],
  ['an answer that is no completion', { body: '{"hello":1}' }, 502, 'upstream-failed'],
  ['silence before the first byte', { delayMs: 30_000 }, 504, 'upstream-timeout'],
])('%s of the upstream is told apart, plain and streamed', async (_, fault, status, code) => {
  router.upstream.setFaults([{ body: JSON.stringify({ error: { message: leak } }), ...fault }]);
  for (const stream of [false, true]) {
    const answer = await router.chat(ask('hi', { stream }));
    const text = await answer.text();

    expect(answer.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ error: { code, request_id: answer.headers.get('x-request-id') } });
    expect(text).not.toContain('no luck');
    expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({
      status,
      error: code,
      attempts: 1,
      total_tokens: 0,
      total_cost_usd: 0,
    });
  }
});

test('the upstream says when to come back, and the caller hears it', async () => {
  const limited = await startRouter();
  limited.upstream.setFaults([{ status: 429, headers: { 'retry-after': '7' } }]);
  const answer = await limited.chat(ask('hi'));
  await answer.text();
  await limited.stop();

  expect(answer.headers.get('retry-after')).toBe('7');
  expect(answer.headers.get('x-upstream-status')).toBe('429');
});

test.each([
  ['breaks the connection', { cut: 2 }, 502, 'upstream-failed'],
  ['falls silent', { pieceDelayMs: 30_000 }, 504, 'upstream-timeout'],
])('a stream whose upstream %s in the middle ends with an error event and never with the marker', async (_, fault, status, code) => {
  router.upstream.setFaults([fault]);
  const answer = await router.chat(ask('a long tale of many words to be told', { stream: true }));
  const data = await streamData(answer);

  expect(answer.status).toBe(200);
  expect(data).not.toContain('[DONE]');
  expect(JSON.parse(data.at(-1) ?? '')).toMatchObject({ error: { code } });
  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ status, error: code, stream: 1 });
});

const delta = 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n';
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';

test.each([
  ['before its finish reason is cut', delta, false],
  ['after its finish reason is whole', `${delta}${finish}`, true],
])('a stream that its upstream closes politely, without marker, %s', async (_, body, whole) => {
  router.upstream.setFaults([{ body, headers: { 'content-type': 'text/event-stream' } }]);
  const data = await streamData(await router.chat(ask('hi', { stream: true })));

  expect(data.at(-1)).toMatch(whole ? /^\[DONE\]$/ : /"code":"upstream-failed"/);
});

test('a plain answer that breaks in the middle is a failure', async () => {
  router.upstream.setFaults([{ cut: 0 }]);

  expect((await router.chat(ask('hi'))).status).toBe(502);
});

/** A router whose provider answers so. */
async function beforeProvider(answer: RequestListener): Promise<StartedRouter> {
  const provider = createHttpServer(answer).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  const { port } = provider.address() as AddressInfo;
  const asking = await startRouter({ baseUrl: `http://127.0.0.1:${port}/v1` });
  onTestFinished(async () => {
    await asking.stop();
    provider.closeAllConnections();
    provider.close();
  });
  return asking;
}

function beforeEndlessAnswers(status: number): Promise<StartedRouter> {
  const piece = 'no '.repeat(300_000);
  return beforeProvider((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    const more = (): void => {
      if (!response.destroyed) response.write(piece, () => setTimeout(more, 1));
    };
    more();
  });
}

test('an answer without an end is given up when it is too large', async () => {
  const asking = await beforeEndlessAnswers(200);
  const { error } = (await (await asking.chat(ask('hi'))).json()) as { error: unknown };

  expect(error).toMatchObject({ code: 'upstream-failed', message: expect.stringContaining('too large') });
});

test('a refusal without an end is a refusal at once, plain and streamed', async () => {
  const asking = await beforeEndlessAnswers(429);
  for (const stream of [false, true]) {
    const answer = await asking.chat(ask('hi', { stream }));
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream-rate-limited' } });
  }
});

test('a refusal that announces a long body and does not send it is a refusal at once', async () => {
  const asking = await beforeProvider((_, response) => {
    response.writeHead(429, { 'content-length': '100000', 'retry-after': '7' });
    response.write('wait');
  });
  const answer = await asking.chat(ask('hi'));

  expect(answer.headers.get('retry-after')).toBe('7');
  expect(await answer.json()).toMatchObject({ error: { code: 'upstream-rate-limited' } });
});

test('nobody is asked for a request that is over already', async () => {
  const asked: unknown[] = [];
  const provider = createHttpServer((_, response) => response.end(asked.push(1).toString())).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  const { port } = provider.address() as AddressInfo;
  const client = new UpstreamClient({ connect_timeout_ms: 1000, first_byte_timeout_ms: 1000, idle_timeout_ms: 1000 });
  onTestFinished(async () => {
    await client.close();
    provider.close();
  });
  const target = { origin: `http://127.0.0.1:${port}`, basePath: '', headers: {}, apiKey: () => null, attemptTimeoutMs: 1000 };
  const gone = new GatewayError('client-canceled', 'the client went away');
  const ended = new EarlyEnd();
  ended.end(gone);
  const request = (early: EarlyEnd) => ({
    target: target as unknown as Target,
    path: '/',
    body: '{}',
    headers: {},
    early,
    onHead: () => undefined,
  });

  await expect(client.whole(request(ended))).rejects.toBe(gone);
  await expect(client.streamed(request(ended))).rejects.toBe(gone);
  expect((await client.whole(request(new EarlyEnd()))).toString()).toBe('1');
});

test('an upstream that is gone answers 502', async () => {
  const lonely = await startRouter({ baseUrl: `http://127.0.0.1:${await freePort()}/v1` });
  const answer = await lonely.chat(ask('hi'));

  expect([answer.status, await answer.json()]).toMatchObject([502, { error: { code: 'upstream-failed' } }]);
  await lonely.stop();
});

test('an upstream that sends an error inside a stream is not quoted', async () => {
  const body = `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"a"}}]}\n\ndata: ${JSON.stringify({ choices: [], error: { message: leak } })}\n\n`;
  router.upstream.setFaults([{ body, headers: { 'content-type': 'text/event-stream' } }]);
  const text = await (await router.chat(ask('hi', { stream: true }))).text();

  expect(text).toContain('upstream-failed');
  expect(text).not.toContain('no luck');
});

test('a caller who reads slowly slows the upstream down instead of filling the memory of the router', async () => {
  let sentBytes = 0;
  const flood = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n');
      const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(60_000) }, finish_reason: null }] })}\n\n`;
      const pump = (): void => {
        while (sentBytes < 400_000_000) {
          sentBytes += event.length;
          if (!socket.write(event)) {
            socket.once('drain', pump);
            return;
          }
        }
      };
      pump();
    });
  }).listen(0, '127.0.0.1');
  await once(flood, 'listening');
  const address = flood.address();
  const slow = await startRouter({ baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1` });
  const leaving = new AbortController();
  const answer = await slow.chat(ask('hi', { stream: true }), { signal: leaving.signal });
  // Nobody reads. Once nothing more is taken for a while, only socket buffers can be full.
  let before = -1;
  while (before !== sentBytes) {
    before = sentBytes;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(sentBytes).toBeLessThan(100_000_000);
  leaving.abort();
  expect(await slow.row(answer.headers.get('x-request-id'))).toMatchObject({ status: 499 });
  await slow.stop();
  flood.close();
});
