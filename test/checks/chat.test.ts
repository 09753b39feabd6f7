import { execFileSync } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { chat } from '../../checks/chat.js';
import { readStream } from '../../checks/parts/chat-exchange.js';
import { askCheck, freeUrl, type Handler, openRoom, sendJson, startServer, token } from './check-room.js';

const room = openRoom();
const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const id = { 'x-request-id': 'req-1' };
const whole = (content: string | null, more: object = {}, finish: string | null = 'stop') => ({
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }],
  usage,
  ...more,
});
const delta = (content: string, more: object = {}) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more });
const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const counted = { choices: [], usage };

const say = (response: ServerResponse, ...events: (object | string)[]) => {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream', ...id });
  for (const event of events) response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  return response;
};

const ask = async (handler: Handler, spec: object = {}, component: object = {}) => {
  const url = await startServer({
    '/v1/chat/completions': (request, response, body) =>
      request.headers.authorization === `Bearer ${token}`
        ? handler(request, response, body)
        : sendJson(response, { error: { type: 'authentication_error', message: 'bad token' } }, 401),
    '/v1/models': (_, response) => sendJson(response, { data: [{ id: 'first' }, { id: 'second' }] }),
  });
  return await askCheck(
    chat,
    spec,
    room,
    room.context(room.target({}, { url, credentials: { caller: 'env:ROUTER_TOKEN' }, models: ['small'], ...component })),
  );
};

test.each<[string, Handler, object, string, RegExp]>([
  ['a whole answer', (_, r) => sendJson(r, whole('hi'), 200, id), {}, 'pass', /^answered 1\/1, slowest/],
  ['an empty answer', (_, r) => sendJson(r, whole(''), 200, id), {}, 'fail', /small: the answer is empty \(finish_reason stop\)/],
  ['no content at all', (_, r) => sendJson(r, whole(null), 200, id), {}, 'fail', /empty/],
  ['no usage', (_, r) => sendJson(r, whole('hi', { usage: undefined }), 200, id), {}, 'fail', /usage fields are missing/],
  [
    'half of the usage',
    (_, r) => sendJson(r, whole('hi', { usage: { prompt_tokens: 1 } }), 200, id),
    {},
    'fail',
    /usage fields are missing/,
  ],
  [
    'usage of zero',
    (_, r) => sendJson(r, whole('hi', { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }), 200, id),
    {},
    'fail',
    /counts 0 input and 0 output/,
  ],
  ['no finish_reason', (_, r) => sendJson(r, whole('hi', {}, null), 200, id), {}, 'fail', /finish_reason is missing/],
  ['no request id', (_, r) => sendJson(r, whole('hi')), {}, 'fail', /no x-request-id header/],
  [
    'more tokens than allowed',
    (_, r) => sendJson(r, whole('hi'), 200, id),
    { maxTokens: 1 },
    'warn',
    /4 output tokens although max_tokens was 1/,
  ],
  [
    'an error of the router',
    (_, r) => sendJson(r, { error: { type: 'upstream-failed', message: 'no target' } }, 502, id),
    {},
    'fail',
    /answered 502: upstream-failed: no target/,
  ],
  ['an HTML page', (_, r) => r.end('<html>Welcome</html>'), {}, 'fail', /HTML page instead of JSON/],
  ['silence', () => undefined, { timeout: '100ms' }, 'inconclusive', /does not answer/],
  [
    'a stream',
    (_, r) => say(r, { choices: [{ delta: { role: 'assistant', content: '' } }] }, delta('a'), delta('b'), last, counted, '[DONE]').end(),
    { stream: true },
    'pass',
    /^streamed 1\/1, first token [\d.]+ ms, largest gap [\d.]+ ms$/,
  ],
  [
    'usage on the last chunk, as some routers send it',
    (_, r) => say(r, delta('a'), delta('b'), { ...last, usage }, '[DONE]').end(),
    { stream: true },
    'pass',
    /streamed/,
  ],
  ['a stream in one piece', (_, r) => say(r, delta('ab'), last, counted, '[DONE]').end(), { stream: true }, 'fail', /in one piece/],
  ['a stream without content', (_, r) => say(r, last, counted, '[DONE]').end(), { stream: true }, 'fail', /answer is empty/],
  [
    'a clean close without the marker',
    (_, r) => say(r, delta('a'), delta('b'), last, counted).end(),
    { stream: true },
    'fail',
    /closed without its terminal marker \[DONE\] after 2 content deltas and 2 characters/,
  ],
  [
    'a cut stream',
    (_, r) => say(r, delta('a')) && setTimeout(() => r.destroy(), 20),
    { stream: true },
    'fail',
    /was cut after 1 content delta and 1 characters/,
  ],
  [
    'a stream cut before any event',
    (_, r) => say(r).flushHeaders() ?? setTimeout(() => r.destroy(), 20),
    { stream: true },
    'fail',
    /was cut after 0 content deltas/,
  ],
  [
    'a stream cut behind its marker',
    (_, r) => say(r, delta('a'), delta('b'), last, counted, '[DONE]') && setTimeout(() => r.destroy(), 20),
    { stream: true },
    'fail',
    /cut .* after its terminal marker/,
  ],
  [
    'a stream that stalls',
    (_, r) => say(r, delta('a')),
    { stream: true, timeout: '150ms' },
    'fail',
    /not complete in time, stopped after 1 content delta/,
  ],
  [
    'a stream without usage',
    (_, r) => say(r, delta('a'), delta('b'), last, '[DONE]').end(),
    { stream: true },
    'fail',
    /usage fields are missing/,
  ],
  [
    'a stream without finish_reason',
    (_, r) => say(r, delta('a'), delta('b'), counted, '[DONE]').end(),
    { stream: true },
    'fail',
    /finish_reason is missing/,
  ],
  [
    'an error inside a stream',
    (_, r) => say(r, delta('a'), { error: { code: 'upstream-timeout', message: 'late' } }, '[DONE]').end(),
    { stream: true },
    'fail',
    /error inside the stream: upstream-timeout: late/,
  ],
  [
    'an event that is no JSON',
    (_, r) => say(r, delta('a'), '{"oops', '[DONE]').end(),
    { stream: true },
    'fail',
    /event 2 of the stream is no JSON/,
  ],
  [
    'a whole answer to a stream request',
    (_, r) => sendJson(r, whole('hi'), 200, id),
    { stream: true },
    'fail',
    /came whole, although a stream was asked for/,
  ],
  [
    'an error to a stream request',
    (_, r) => sendJson(r, { error: 'overloaded' }, 503, id),
    { stream: true },
    'fail',
    /answered 503: overloaded/,
  ],
])('%s', async (_, handler, spec, status, words) => {
  expect((await ask(handler, spec)).verdict).toMatchObject({ status, summary: expect.stringMatching(words) });
});

test('first content token and largest gap are those of content, not of other frames', () => {
  const at = (atMs: number, data: object | string) => ({ atMs, event: null, data: typeof data === 'string' ? data : JSON.stringify(data) });
  const role = { choices: [{ delta: { role: 'assistant', content: '' } }] };
  const events = [
    at(5, role),
    at(60.04, delta('a')),
    at(70, delta('b')),
    at(120, role),
    at(190, delta('c')),
    at(500, last),
    at(900, counted),
    at(901, '[DONE]'),
  ];
  const stream = {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    events,
    ended: 'closed',
    body: '',
    firstByteMs: 4,
    totalMs: 902,
  } as const;
  const { streamed, tookMs } = readStream(stream, { model: 'm', startedAtMs: 0, nonce: 'x', requestIdHeader: 'x-request-id' });
  expect(streamed).toEqual({ ended: 'closed', marker: true, deltas: 3, firstTokenMs: 60, largestGapMs: 120, fault: null });
  expect(tookMs).toBe(902);
});

test('every model of the component is asked, and all that fail are named', async () => {
  const { verdict, observation } = await ask(
    (_, response, body) => sendJson(response, whole((JSON.parse(body) as { model: string }).model === 'small' ? 'hi' : ''), 200, id),
    {},
    { models: ['small', 'large', 'huge'] },
  );
  expect(verdict).toMatchObject({
    status: 'fail',
    summary: 'large: the answer is empty (finish_reason stop) (2 of 3 requests failed)',
    details: ['huge: the answer is empty (finish_reason stop)'],
  });
  expect(observation).toMatchObject({ requests: [{ model: 'small', requestId: 'req-1' }, { model: 'large' }, { model: 'huge' }] });
});

test('without a model in step or component the first of the list is asked, and the request is the one that was meant', async () => {
  const bodies: unknown[] = [];
  const handler: Handler = (_, response, body) => {
    bodies.push(JSON.parse(body));
    sendJson(response, whole('hi'), 200, id);
  };
  await ask(handler, { maxTokens: 7, prompt: 'Say hi' }, { models: [] });
  expect(bodies).toEqual([{ model: 'first', messages: [{ role: 'user', content: 'Say hi' }], max_tokens: 7 }]);
});

test('each request asks for a word of its own, and a paraphrase is no failure', async () => {
  const prompts: string[] = [];
  const handler: Handler = (_, response, body) => {
    const { messages } = JSON.parse(body) as { messages: { content: string }[] };
    prompts.push(messages[0]?.content ?? '');
    sendJson(response, whole(prompts.length === 1 ? (messages[0]?.content.split(': ')[1] ?? '') : 'Sure!'), 200, id);
  };
  const { verdict, observation } = await ask(handler, {}, { models: ['a', 'b'] });
  expect(new Set(prompts).size).toBe(2);
  expect(verdict.status).toBe('pass');
  expect(observation).toMatchObject({ requests: [{ echoed: true }, { echoed: false }] });
});

test('a refused token is a failure that names the role', async () => {
  expect((await ask(() => undefined, {}, { credentials: { caller: 'env:WRONG_TOKEN' } })).verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/the router refused the caller token \(401\): authentication_error: bad token/),
  });
});

test('the curl line in the evidence works by hand and holds no token', async () => {
  const seen: string[] = [];
  const { verdict } = await ask((request, response, body) => {
    seen.push(`${request.headers.authorization} ${body}`);
    sendJson(response, whole('hi'), 200, id);
  });
  const { curl } = verdict.evidence as { curl: string };
  expect(curl).toContain('$ROUTER_TOKEN');
  expect(curl).not.toContain(token);
  expect(execFileSync('sh', ['-n', '-c', curl]).toString()).toBe('');
});

test('what was asked and answered is nowhere in observation or verdict', async () => {
  const result = await ask((_, response) => sendJson(response, whole('the answer with private words'), 200, id), {
    prompt: 'a private question',
  });
  expect(JSON.stringify(result)).not.toMatch(/private/);
  expect(result.observation).toMatchObject({ requests: [{ answerChars: 29 }] });
});

test('an upstream can be asked directly, with its own credential and without a request id', async () => {
  const url = await startServer({
    '/v1/chat/completions': (request, response, body) =>
      sendJson(
        response,
        request.headers.authorization === `Bearer ${token}` ? whole((JSON.parse(body) as { model: string }).model) : {},
        200,
      ),
  });
  const target = room.target({
    upstreams: {
      primary: { url: `${url}/v1`, model: 'gpt', credential: 'env:ROUTER_TOKEN' },
      other: { url, model: 'c', dialect: 'anthropic' },
    },
  });
  const on = (name: string) => room.context(target, { subject: { kind: 'upstream', name, upstream: target.upstreams[name] as never } });
  expect((await askCheck(chat, {}, room, on('primary'))).verdict).toMatchObject({ status: 'pass' });
  expect((await askCheck(chat, {}, room, on('other'))).verdict).toMatchObject({
    status: 'skip',
    summary: expect.stringMatching(/openai-chat/),
  });
});

test('a router that is gone was not measured', async () => {
  const { verdict } = await askCheck(chat, { model: 'm' }, room, room.context(room.target({}, { url: await freeUrl() })));
  expect(verdict.status).toBe('inconclusive');
});
