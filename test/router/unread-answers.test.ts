// Callers who ask and do not read what they are answered: the harm is theirs, and nobody else's.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { openSocket } from './raw-socket.js';
import { ask, type RouterSettings, type StartedRouter, startRouter, tokens } from './started-router.js';

/** More than the system keeps for a connection. */
const largeBytes = 24 * 1024 * 1024;

/** A provider whose answers are large and always ready: a stream of many pieces, or one whole text; `small` is answered shortly. */
async function largeProvider(): Promise<string> {
  const server = createServer(async (request, response) => {
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
    Readable.from([...pieces, piece({}, 'stop'), 'data: [DONE]\n\n']).pipe(response);
  });
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

async function largeRouter(config: RouterSettings['config']): Promise<StartedRouter> {
  const router = await startRouter({ baseUrl: await largeProvider(), models: { small: 'm' }, config: { ...config } });
  onTestFinished(() => router.stop());
  return router;
}

/** Asks on a connection of its own and reads nothing of the answer. */
async function askUnread(router: StartedRouter, more: Record<string, unknown> = {}, token: string = tokens.all): Promise<Socket> {
  const socket = await openSocket(router.url);
  onTestFinished(() => void socket.destroy());
  const body = JSON.stringify(ask('large', more));
  const head = ['POST /v1/chat/completions HTTP/1.1', 'Host: router', `Authorization: Bearer ${token}`, `Content-Length: ${body.length}`];
  socket.pause().write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

async function rowsOf(router: StartedRouter, count: number): Promise<ReturnType<StartedRouter['rows']>> {
  while (router.rows().length < count) await new Promise((resolve) => setTimeout(resolve, 20));
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
