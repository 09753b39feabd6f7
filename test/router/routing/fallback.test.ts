import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../src/router/lab/free-port.js';
import { providerKey } from '../started-router.js';
import { type RoutedTarget, routedRouter } from './routed-router.js';

const three: Readonly<Record<string, RoutedTarget>> = { first: {}, second: {}, third: {} };
const quick = { upstream: { connect_timeout_ms: 500, first_byte_timeout_ms: 100, idle_timeout_ms: 300, total_timeout_ms: 5000 } };
const leak = `no luck with ${providerKey}`;

test.each([
  ['a rate limit', { status: 429 }, 'upstream_rate_limited'],
  ['a used-up quota', { status: 402 }, 'upstream_quota_exhausted'],
  ['a refused credential', { status: 401 }, 'upstream_auth_failed'],
  ['a refused model', { status: 403 }, 'upstream_model_access_denied'],
  ['a server error', { status: 500 }, 'upstream_status_5xx'],
  ['an overload', { status: 503 }, 'upstream_status_5xx'],
  ['a gateway time-out', { status: 504 }, 'upstream_timeout'],
  ['silence', { delayMs: 30_000 }, 'upstream_timeout'],
  ['an answer that is no JSON', { body: `<p>${leak}` }, 'upstream_bad_answer'],
])('%s before the first byte goes on to the next target, plain and streamed, and the rows say why', async (_, fault, reason) => {
  for (const stream of [false, true]) {
    const router = await routedRouter('failover', three, quick);
    router.upstreamOf('first').setFaults([{ body: JSON.stringify({ error: { message: leak } }), ...fault }]);
    const said = await router.say({ stream });

    expect([said.status, router.asked]).toEqual([200, { first: 1, second: 1, third: 0 }]);
    expect(said.text).toContain(stream ? '[DONE]' : 'PONG');
    expect(await router.row(said.id)).toMatchObject({
      status: 200,
      attempts: 2,
      fallback_used: 1,
      target_provider: 'second',
      target_model: 'model-of-second',
      total_tokens: 10,
      error: null,
    });
    expect(router.table('request_attempts', said.id)).toMatchObject([
      { attempt_index: 1, provider: 'first', error_class: reason, selected: 0, retryable: 1, fallback_reason: null },
      { attempt_index: 2, provider: 'second', error_class: null, selected: 1, status_code: 200, fallback_reason: reason },
    ]);
    expect(router.table('request_fallback_transitions', said.id)).toMatchObject([
      { seq: 1, from_provider: 'first', from_model: 'model-of-first', to_provider: 'second', to_model: 'model-of-second', reason },
    ]);
    expect(router.table('request_errors', said.id)).toEqual([]);
    expect(JSON.stringify(['request_attempts', 'request_trace_events'].map((table) => router.table(table, said.id)))).not.toContain(
      'no luck',
    );
  }
});

test('a target that cannot be reached at all is passed over too', async () => {
  const router = await routedRouter('failover', {
    gone: { provider: { base_url: `http://127.0.0.1:${await freePort()}/v1` } },
    second: {},
  });
  const said = await router.say();

  expect(said.status).toBe(200);
  expect(router.table('request_attempts', (await router.row(said.id)).request_id)).toMatchObject([
    { provider: 'gone', error_class: 'upstream_connect_failed', status_code: null },
    { provider: 'second', selected: 1 },
  ]);
});

test('targets are asked in the order of the config: 429, then 502, then an answer, and each step is traced', async () => {
  const router = await routedRouter('failover', three);
  router.upstreamOf('first').setFaults([{ status: 429, headers: { 'retry-after': '9' } }]);
  router.upstreamOf('second').setFaults([{ status: 502 }]);
  const said = await router.say();

  expect([said.status, (await router.row(said.id)).attempts]).toEqual([200, 3]);
  expect(router.table('request_attempts', said.id).map((row) => [row['provider'], row['status_code'], row['retry_after_ms']])).toEqual([
    ['first', 429, 9000],
    ['second', 502, null],
    ['third', 200, null],
  ]);
  expect(router.table('request_trace_events', said.id).map(({ event, provider, attempt }) => `${event} ${provider} ${attempt}`)).toEqual([
    'request_accepted null null',
    'routing_decision null null',
    'upstream_start first 1',
    'upstream_end first 1',
    'upstream_start second 2',
    'upstream_end second 2',
    'upstream_start third 3',
    'upstream_end third 3',
    'request_end null null',
  ]);
});

test.each([
  ['a bad request', 400, 400, 'upstream-refused-request', 'upstream_bad_request'],
  ['a request that is too large', 413, 413, 'request-too-large', 'upstream_request_too_large'],
  ['a method that is not there', 405, 502, 'upstream-failed', 'upstream_bad_request'],
])('%s is not tried at the next target, which would say the same', async (_, status, heard, code, reason) => {
  const router = await routedRouter('failover', three);
  router.upstreamOf('first').setFaults([{ status }]);
  const said = await router.say();

  expect([said.status, said.code, said.headers.get('x-upstream-status'), router.asked]).toEqual([
    heard,
    code,
    String(status),
    { first: 1, second: 0, third: 0 },
  ]);
  expect(await router.row(said.id)).toMatchObject({ attempts: 1, fallback_used: 0, error: code });
  expect(router.table('request_attempts', said.id)).toMatchObject([{ error_class: reason, retryable: 0 }]);
});

test('a model that one target does not know is asked for at the next', async () => {
  const router = await routedRouter('failover', three);
  router.upstreamOf('first').setFaults([{ status: 404 }]);
  const said = await router.say();

  expect([said.status, router.asked]).toEqual([200, { first: 1, second: 1, third: 0 }]);
  expect(router.table('request_attempts', (await router.row(said.id)).request_id)).toMatchObject([
    { status_code: 404, error_class: 'upstream_model_access_denied', retryable: 1 },
    { status_code: 200, selected: 1 },
  ]);
});

test('a stream that breaks off after its first bytes ends with the error event, and no other target is asked', async () => {
  const router = await routedRouter('failover', three);
  router.upstreamOf('first').setFaults([{ cut: 1 }]);
  const said = await router.say({ stream: true });

  expect([said.status, router.asked]).toEqual([200, { first: 1, second: 0, third: 0 }]);
  expect(said.text).not.toContain('[DONE]');
  expect(said.text.trimEnd().split('\n\n').at(-1)).toContain('"code":"upstream-failed"');
  expect(await router.row(said.id)).toMatchObject({ status: 502, attempts: 1, error: 'upstream-failed' });
  expect(router.table('request_errors', said.id)).toMatchObject([
    { status: 502, error_type: 'upstream-failed', error_class: 'upstream_stream_cut', attempts: 1, provider: 'first' },
  ]);
});

test.each([
  ['that it is limiting requests', 'rate_limit_exceeded', 200, { first: 1, second: 1, third: 0 }],
  ['of a kind that nobody publishes', 'odd', 200, { first: 1, second: 1, third: 0 }],
  ['that the request is wrong', 'context_length_exceeded', 400, { first: 1, second: 0, third: 0 }],
])('a stream whose first event says %s goes on to the next target as its status would', async (_, code, status, asked) => {
  const router = await routedRouter('failover', three);
  const body = `data: ${JSON.stringify({ error: { code, message: leak } })}\n\n`;
  router.upstreamOf('first').setFaults([{ body, headers: { 'content-type': 'text/event-stream' } }]);

  expect([(await router.say({ stream: true })).status, router.asked]).toEqual([status, asked]);
});

test('a stream whose head came at once but whose first event does not is given up in the time of an attempt', async () => {
  const mute = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  }).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  onTestFinished(() => {
    mute.closeAllConnections();
    mute.close();
  });
  const base_url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}/v1`;
  const router = await routedRouter('failover', { mute: { provider: { base_url, attempt_timeout_ms: 150 } }, second: {} });
  const said = await router.say({ stream: true });

  expect(said.text).toContain('[DONE]');
  expect((await router.row(said.id)).latency_ms).toBeLessThan(5000);
  expect(router.table('request_attempts', said.id)).toMatchObject([
    { provider: 'mute', error_class: 'upstream_timeout', timed_out: 1, attempt_timeout_ms: 150 },
    { provider: 'second', selected: 1 },
  ]);
});

test('the time of an attempt ends at its first byte: a long answer is not cut', async () => {
  const router = await routedRouter('failover', { first: { provider: { attempt_timeout_ms: 150 } } });
  router.upstreamOf('first').setFaults([{ pieceDelayMs: 100 }]);
  const said = await router.say({ stream: true });

  expect(said.text).toContain('[DONE]');
  expect((await router.row(said.id)).latency_ms).toBeGreaterThan(150);
});

test('the time of a whole request ends it wherever it is, and no further target is asked', async () => {
  const router = await routedRouter('failover', three, { upstream: { total_timeout_ms: 200 } });
  router.upstreamOf('first').setFaults([{ delayMs: 30_000 }]);
  const said = await router.say();

  expect([said.status, said.code, router.asked]).toEqual([504, 'upstream-timeout', { first: 1, second: 0, third: 0 }]);
  expect(router.table('request_attempts', (await router.row(said.id)).request_id)).toMatchObject([{ timed_out: 1, provider: 'first' }]);
});

test('no more targets are asked for one request than the config allows', async () => {
  const router = await routedRouter('failover', three, { upstream: { max_attempts: 2 } });
  for (const name of Object.keys(three)) router.upstreamOf(name).setFaults([{ status: 500 }]);

  expect([(await router.say()).status, router.asked]).toEqual([502, { first: 1, second: 1, third: 0 }]);
});

test.each([
  ['rate-limited', [429, 429, 429], 503, 'upstream-rate-limited'],
  ['out of quota', [402, 402, 402], 503, 'upstream-quota-exhausted'],
  ['refused', [401, 403, 401], 503, 'upstream-access-denied'],
  ['out of time', [504, 408, 504], 504, 'upstream-timeout'],
  ['failed', [500, 503, 529], 502, 'upstream-failed'],
  ['failed in different ways', [429, 500, 401], 502, 'upstream-failed'],
])('when all targets are %s, the refusal is called after it only if all were', async (_, statuses, status, code) => {
  const router = await routedRouter('failover', three);
  for (const [index, name] of Object.keys(three).entries()) router.upstreamOf(name).setFaults([{ status: statuses[index] ?? 0 }]);
  const said = await router.say();

  expect([said.status, said.code]).toEqual([status, code]);
  expect(JSON.parse(said.text)).toMatchObject({
    error: {
      request_id: said.id,
      details: {
        request_id: said.id,
        model: 'small',
        dialect: 'openai-chat',
        attempts: 3,
        fallback_used: true,
        retryable: true,
        targets: Object.keys(three).map((name) => ({ provider: name, model: `model-of-${name}` })),
      },
    },
  });
  expect(await router.row(said.id)).toMatchObject({ status, error: code, attempts: 3, total_tokens: 0, total_cost_usd: 0 });
  expect(router.table('request_errors', said.id)).toMatchObject([{ error_type: code, attempts: 3, retryable: 1, provider: 'third' }]);
  expect(router.table('request_trace_events', said.id).map(({ event }) => event)).toContain('upstream_exhausted');
});
