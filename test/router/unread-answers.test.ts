// Callers who ask and do not read what they are answered: the harm is theirs, and nobody else's.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { callersWith, limited, outcomeOf } from './limits/limited-router.js';
import { openSocket } from './raw-socket.js';
import { ask, type RouterSettings, type StartedRouter, startRouter, tokens } from './started-router.js';

/** More than the system keeps for a connection. */
const largeBytes = 24 * 1024 * 1024;
const lateMs = 900;

/** A provider of large answers: a stream of many pieces, after a while when asked for one that is late, or a whole text; `small` is small. */
async function largeProvider(): Promise<string> {
  const server = createServer((request, response) => void answerLargely(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function answerLargely(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { stream, messages } = JSON.parse(body) as { stream?: boolean; messages: { content: string }[] };
  const text = 'x'.repeat(messages[0]?.content === 'small' ? 1 : stream === true ? largeBytes / 384 : largeBytes);
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const piece = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const pieces = Array.from({ length: text.length === 1 ? 1 : 384 }, () => piece({ content: text }, null));
  const rest = [...pieces, piece({}, 'stop'), 'data: [DONE]\n\n'];
  response.write(piece({ content: 'first' }, null));
  if (messages[0]?.content === 'late') await sleep(lateMs);
  Readable.from(rest).pipe(response);
}

async function largeRouter(config: RouterSettings['config']): Promise<StartedRouter> {
  const router = await startRouter({ baseUrl: await largeProvider(), models: { small: 'm' }, config: { ...config } });
  onTestFinished(() => router.stop());
  return router;
}

/** Asks on a connection of its own and reads nothing of the answer; resolves when the answer has begun. */
async function askUnread(router: StartedRouter, more: Record<string, unknown> = {}, token: string = tokens.all): Promise<Socket> {
  const socket = await openSocket(router.url);
  onTestFinished(() => void socket.destroy());
  const body = JSON.stringify({ ...ask('large'), ...more });
  const head = ['POST /v1/chat/completions HTTP/1.1', 'Host: router', `Authorization: Bearer ${token}`, `Content-Length: ${body.length}`];
  socket.pause().write(`${head.join('\r\n')}\r\n\r\n${body}`);
  await once(socket, 'readable');
  return socket;
}

async function rowsOf(router: StartedRouter, count: number): Promise<ReturnType<StartedRouter['rows']>> {
  while (router.rows().length < count) await sleep(20);
  return router.rows();
}

test('callers who do not read their streams in time are to blame themselves, and their target stays open to others', async () => {
  const router = await largeRouter({ upstream: { total_timeout_ms: 1500, breaker: { failures: 2, cooldown_ms: 60_000 } } });
  await Promise.all([1, 2, 3].map(() => askUnread(router, { stream: true })));
  const rows = await rowsOf(router, 3);

  for (const row of rows) {
    expect(row).toMatchObject({ status: 499, error: 'client-canceled', attempts: 1 });
    expect(router.table('request_attempts', row.request_id)).toMatchObject([
      { error_class: 'client_canceled', client_canceled: 1, timed_out: 0, error_message: 'the caller did not take its answer in time' },
    ]);
  }
  expect((await router.chat(ask('small'))).status).toBe(200);
});

test('a stream whose time is over while its provider is silent is still the fault of the provider', async () => {
  const router = await startRouter({ models: { small: 'pieces-60000' }, config: { upstream: { total_timeout_ms: 300 } } });
  onTestFinished(() => router.stop());
  const answer = await router.chat(ask('a tale of many words', { stream: true }));
  await answer.text();

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ status: 504, error: 'upstream-timeout' });
});

const three = { callers: callersWith({ rate: { concurrent: 3 } }) };

test('an answer that its caller does not read keeps its place among the open requests', async () => {
  const router = await largeRouter(three);
  await Promise.all([1, 2, 3].map(() => askUnread(router, {}, limited)));
  const one = await outcomeOf(await router.chat(ask('small'), { token: limited }));

  expect(one).toMatchObject({ status: 429, code: 'concurrency-exceeded' });
  expect(router.rows().filter(({ status }) => status !== 429)).toEqual([]);
  expect((await router.chat(ask('small'))).status).toBe(200);
});

test.each([
  ['a whole answer', {}],
  ['a stream', { stream: true }],
  ['a stream that came late', { stream: true, ...ask('late') }],
])('the connection of a caller who takes nothing of %s is closed, its place is free again, and its row says who left', async (_, more) => {
  const router = await largeRouter({ ...three, limits: { unread_ms: 300 } });
  await Promise.all([1, 2, 3].map(() => askUnread(router, more, limited)));
  const rows = await rowsOf(router, 3);

  for (const row of rows) {
    expect(row).toMatchObject({ status: 499, error: 'client-canceled', attempts: 1 });
    expect(router.table('request_attempts', row.request_id)).toMatchObject([
      { selected: 0, client_canceled: 1, error_class: 'client_canceled', error_message: 'the caller did not take its answer in time' },
    ]);
  }
  expect((await router.chat(ask('small'), { token: limited })).status).toBe(200);
});

test('a caller who leaves before it has taken the whole answer is in its row as one who left', async () => {
  const router = await largeRouter({});
  const socket = await askUnread(router);
  socket.destroy();
  const [row] = await rowsOf(router, 1);

  expect(row).toMatchObject({ status: 499, error: 'client-canceled', total_tokens: 2 });
  expect(router.table('request_errors', row?.request_id ?? '')).toMatchObject([{ error_message: 'the client went away' }]);
});

test('an answer that its caller does not read holds the stop of the router no longer than one may be left unread', async () => {
  const router = await largeRouter({ limits: { unread_ms: 300, drain_ms: 3_600_000 } });
  await askUnread(router);

  expect(await router.drain()).toBe(true);
  expect(router.rows()).toMatchObject([{ status: 499 }]);
});

test('a caller who reads slowly gets its whole answer, however long that takes', async () => {
  const router = await largeRouter({ limits: { unread_ms: 1000 } });
  const socket = await askUnread(router);
  let bytes = 0;
  for await (const part of socket) {
    const before = bytes;
    bytes += (part as Buffer).length;
    if (Math.floor(bytes / 2 ** 20) > Math.floor(before / 2 ** 20)) await sleep(120);
    if (bytes > largeBytes) break;
  }

  expect(await rowsOf(router, 1)).toMatchObject([{ status: 200 }]);
});

test.each([{}, { stream: true }])('a provider that is slower than a caller may be is waited for, asked with %o', async (more) => {
  const router = await startRouter({ models: { small: 'delay-700+first-700' }, config: { limits: { unread_ms: 200 } } });
  onTestFinished(() => router.stop());

  expect((await router.chat(ask('hi', more))).status).toBe(200);
});
