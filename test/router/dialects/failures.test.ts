// What goes wrong at a provider, spelt for a caller of each dialect: before the answer as a status, inside a stream as the dialect's own
// last event. The provider's words never pass.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DialectName, type DialectRouter, dialects, directions, startDialectRouter } from './dialect-router.js';
import { eventsIn } from './heard.js';
import { answerOf, type Said } from './said.js';
import { named } from './told-upstream.js';

let router: DialectRouter;

beforeAll(async () => {
  router = await startDialectRouter({}, { breaker: { failures: 1_000_000 } });
});
beforeEach(() => router.upstream.tell({ status: 500, body: '{}' }));
afterAll(async () => router.stop());

type Json = Record<string, unknown>;

const leak = 'you asked: what is my password';
const bodies: Readonly<Record<DialectName, Json>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 },
};
const ask = (caller: DialectName, target: DialectName, more: Json = {}) =>
  router.ask(caller, { model: target, ...bodies[caller], ...more });

function refusalIn(caller: DialectName, body: unknown, requestId: string | null, code: string): void {
  if (caller === 'anthropic-messages')
    expect(body).toMatchObject({
      type: 'error',
      error: { type: expect.any(String), message: expect.any(String), code },
      request_id: requestId,
    });
  else expect(body).toMatchObject({ error: { type: expect.any(String), message: expect.any(String), code, request_id: requestId } });
}

describe.each(directions)('a caller of %s at a target of %s', (caller, target) => {
  test.each([
    [429, {}, 503, 'upstream-rate-limited'],
    [401, {}, 503, 'upstream-access-denied'],
    [400, { error: { type: 'invalid_request_error', message: leak } }, 400, 'upstream-refused-request'],
    [529, { error: { type: 'overloaded_error', message: leak } }, 502, 'upstream-failed'],
    [200, { hello: 1 }, 502, 'upstream-failed'],
    [200, [], 502, 'upstream-failed'],
    [200, { error: { message: leak }, type: 'error' }, 502, 'upstream-failed'],
    [200, { error: { message: leak, code: 429 } }, 503, 'upstream-rate-limited'],
    [200, { error: { message: leak, code: 'insufficient_quota' } }, 503, 'upstream-quota-exhausted'],
    [200, { error: { message: leak, code: 400 } }, 400, 'upstream-refused-request'],
    [200, { error: { message: leak, code: 502 } }, 502, 'upstream-failed'],
  ])('is refused in its own words when the provider answers %i %j', async (status, body, expected, code) => {
    for (const stream of [false, true]) {
      router.upstream.tell({ status, body: JSON.stringify(body) });
      const response = await ask(caller, target, { stream });
      const text = await response.text();

      expect(response.status).toBe(expected);
      expect(text).not.toContain(leak);
      refusalIn(caller, JSON.parse(text), response.headers.get('x-request-id'), code);
    }
  });

  test("is told by the dialect's own event, and by no end, when the stream is cut or closed early", async () => {
    const said: Said = {
      text: 'a long tale',
      calls: [{ id: 'c', name: 'f', arguments: { a: 1 } }],
      stop: 'tool-calls',
      input: 9,
      output: 4,
    };
    const pieces = answerOf(target, said, true).body as string[];
    const beforeEnd = pieces.findLastIndex((piece) => /finish_reason":"|response\.completed|message_delta/.test(piece));
    for (const cut of [true, false]) {
      router.upstream.tell({ body: pieces.slice(0, beforeEnd), cut });
      const response = await ask(caller, target, { stream: true });
      const events = eventsIn(await response.text());

      expect(response.status).toBe(200);
      lastEventIs(caller, events, response.headers.get('x-request-id'), 'upstream-failed');
      expect(await router.row(response)).toMatchObject({ status: 502, error: 'upstream-failed' });
    }
  });

  /** The answer has begun before the second piece is sent. */
  async function begunWith(body: readonly string[]): Promise<Response> {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    router.upstream.tell({ body, gate });
    const response = await ask(caller, target, { stream: true });
    open();
    return response;
  }

  test("is told by the dialect's own event when the provider sends something unreadable in the stream", async () => {
    const pieces = answerOf(target, { text: 'a tale', calls: [], stop: 'end', input: 9, output: 4 }, true).body as string[];
    for (const broken of ['data: {"type":\n\n', 'data: 1\n\n', 'data: {"neither":"nor"}\n\n']) {
      const begun = pieces.findIndex((piece) => piece.includes('"a t"')) + 1;
      const response = await begunWith([pieces.slice(0, begun).join(''), broken + pieces.slice(begun).join('')]);

      lastEventIs(caller, eventsIn(await response.text()), response.headers.get('x-request-id'), 'upstream-failed');
    }
  });

  test('hears what came before a break in the same piece once its answer has begun, and else is refused plainly', async () => {
    const pieces = answerOf(target, { text: 'a tale', calls: [], stop: 'end', input: 9, output: 4 }, true).body as string[];
    const worded = pieces.findIndex((piece) => piece.includes('"a t"'));
    const begun = pieces.slice(0, worded + 1).join('');
    const broken = `${pieces[worded + 1]}data: 1\n\n`;
    const heard = await (await begunWith([begun, broken])).text();
    for (const half of ['a t', 'ale']) expect(heard).toContain(`"${half}"`);

    router.upstream.tell({ body: [begun + broken] });
    expect((await ask(caller, target, { stream: true })).status).toBe(502);
  });

  test('is refused plainly when the very first event of the stream is an error', async () => {
    const error = { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: leak };
    const first = {
      'openai-chat': [`data: ${JSON.stringify({ error })}\n\n`],
      'openai-responses': named([{ type: 'error', error }]),
      'anthropic-messages': named([{ type: 'ping' }, { type: 'error', error }]),
    };
    router.upstream.tell({ body: [': a comment that says nothing\n\n', ...first[target]], gapMs: 15 });
    const response = await ask(caller, target, { stream: true });
    const text = await response.text();

    expect([response.status, text.includes(leak)]).toEqual([503, false]);
    refusalIn(caller, JSON.parse(text), response.headers.get('x-request-id'), 'upstream-rate-limited');
  });
});

function lastEventIs(caller: DialectName, events: ReturnType<typeof eventsIn>, requestId: string | null, code: string): void {
  const last = events.at(-1);
  const body = JSON.parse(last?.data ?? '') as Json;
  const terminal = /\[DONE\]|"response\.(completed|incomplete)"|"message_stop"/;
  expect(events.filter(({ data }) => terminal.test(data))).toEqual([]);
  if (caller === 'openai-responses') {
    expect(last?.event).toBe('response.failed');
    expect(body).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code, message: expect.any(String) }, output: [] },
    });
    const before = events.slice(0, -1).map(({ data }) => JSON.parse(data) as { sequence_number: number; response?: { id: string } });
    expect(body['sequence_number']).toBe((before.at(-1)?.sequence_number ?? -1) + 1);
    expect(body['response']).toMatchObject({ id: before.find(({ response }) => response !== undefined)?.response?.id });
  } else {
    expect(last?.event).toBe(caller === 'openai-chat' ? null : 'error');
    refusalIn(caller, body, requestId, code);
  }
}

/** The first event of a stream, by the dialect of the target. */
const firstEvent: Readonly<Record<DialectName, (error: Json) => string[]>> = {
  'openai-chat': (error) => [`data: ${JSON.stringify({ error })}\n\n`],
  'openai-responses': (error) => named([{ type: 'response.failed', response: { status: 'failed', error } }]),
  'anthropic-messages': (error) => named([{ type: 'error', error }]),
};

test.each([
  ['anthropic-messages', { type: 'invalid_request_error' }, 400, 'upstream-refused-request', 'the request is wrong'],
  ['anthropic-messages', { type: 'request_too_large' }, 413, 'request-too-large', 'too large'],
  ['anthropic-messages', { type: 'authentication_error' }, 503, 'upstream-access-denied', 'our credential'],
  ['anthropic-messages', { type: 'permission_error' }, 503, 'upstream-access-denied', 'access to the model'],
  ['anthropic-messages', { type: 'billing_error' }, 503, 'upstream-quota-exhausted', 'used up'],
  ['anthropic-messages', { type: 'rate_limit_error' }, 503, 'upstream-rate-limited', 'limiting requests'],
  ['anthropic-messages', { type: 'timeout_error' }, 504, 'upstream-timeout', 'in time'],
  ['anthropic-messages', { type: 'not_found_error' }, 502, 'upstream-failed', 'does not know the model'],
  ['anthropic-messages', { type: 'overloaded_error' }, 502, 'upstream-failed', 'an error inside its answer'],
  ['anthropic-messages', { type: 'constructor' }, 502, 'upstream-failed', 'an error inside its answer'],
  ['openai-chat', { code: 'insufficient_quota', type: 'insufficient_quota' }, 503, 'upstream-quota-exhausted', 'used up'],
  ['openai-chat', { code: 'model_not_found', type: 'invalid_request_error' }, 502, 'upstream-failed', 'does not know the model'],
  ['openai-chat', { code: 'context_length_exceeded', type: 'odd' }, 400, 'upstream-refused-request', 'the request is wrong'],
  ['openai-chat', { code: 7, type: 'rate_limit_error' }, 503, 'upstream-rate-limited', 'limiting requests'],
  ['openai-responses', { code: 'rate_limit_exceeded' }, 503, 'upstream-rate-limited', 'limiting requests'],
  ['openai-responses', { code: 'invalid_prompt' }, 400, 'upstream-refused-request', 'the request is wrong'],
  ['openai-responses', { code: 'server_error' }, 502, 'upstream-failed', 'an error inside its answer'],
] as const)('at the beginning of a stream of %s the error %j means what its status would', async (target, error, status, code, words) => {
  router.upstream.tell({ body: firstEvent[target]({ ...error, message: leak }) });
  const response = await ask(target, target, { stream: true });

  expect([response.status, await response.json()]).toMatchObject([status, { error: { code, message: expect.stringContaining(words) } }]);
});

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

test.each(dialects)('a caller of %s is refused plainly when a tool is called with an object that is nested too deep', async (caller) => {
  const called: Said = { text: '', calls: [{ id: 'c', name: 'f', arguments: { a: 'DEEP' } }], stop: 'tool-calls', input: 9, output: 4 };
  const { body } = answerOf('anthropic-messages', called, false);
  router.upstream.tell({ body: String(body).replace('"DEEP"', deep(100_000)) });
  const response = await ask(caller, 'anthropic-messages');

  expect(response.status).toBe(502);
  refusalIn(caller, await response.json(), response.headers.get('x-request-id'), 'upstream-failed');
});

test.each([
  ['openai-chat', { choices: [], odd: 'DEEP' }],
  ['openai-responses', { type: 'response.created', response: { id: 'r', odd: 'DEEP' } }],
  ['anthropic-messages', { type: 'ping', odd: 'DEEP' }],
] as const)('a stream of %s with an event that is nested too deep is refused, and nothing of it passes', async (target, event) => {
  router.upstream.tell({ body: [`data: ${JSON.stringify(event).replace('"DEEP"', deep(100_000))}\n\n`] });
  for (const caller of dialects) {
    const response = await ask(caller, target, { stream: true });

    expect(response.status).toBe(502);
    refusalIn(caller, await response.json(), response.headers.get('x-request-id'), 'upstream-failed');
  }
});

test('arguments that are nested too deep reach a caller who wants an object as their text', async () => {
  const called: Said = { text: '', calls: [{ id: 'c', name: 'f', arguments: { a: 'DEEP' } }], stop: 'tool-calls', input: 9, output: 4 };
  const { body } = answerOf('openai-chat', called, false);
  router.upstream.tell({ body: String(body).replace('\\"DEEP\\"', deep(100_000)) });
  const response = await ask('anthropic-messages', 'openai-chat');

  expect(await response.json()).toMatchObject({ content: [{ type: 'tool_use', input: { unparsed_arguments: `{"a":${deep(100_000)}}` } }] });
});

test.each([
  ['a chat completion whose marker is missing', 'openai-chat', 1],
  ['a message whose farewell is missing', 'anthropic-messages', 1],
] as const)('%s is whole', async (_, target, missing) => {
  const pieces = answerOf(target, { text: 'done', calls: [], stop: 'end', input: 9, output: 4 }, true).body as string[];
  for (const caller of dialects) {
    router.upstream.tell({ body: pieces.slice(0, -missing) });
    const events = eventsIn(await (await ask(caller, target, { stream: true })).text());

    expect(events.at(-1)?.data).toMatch(/^\[DONE\]$|"response.completed"|^\{"type":"message_stop"\}$/);
  }
});

/** Members that the router relies on, wrong in each dialect; the refusal names the member and not what stood there. */
const wrong: readonly (readonly [DialectName, Json, string])[] = [
  ['openai-chat', { messages: 'canary' }, 'messages'],
  ['openai-chat', { messages: [] }, 'messages'],
  ['openai-chat', { messages: ['canary'] }, 'messages[0]'],
  ['openai-chat', { messages: [{ role: 'canary', content: 'x' }] }, 'messages[0].role'],
  ['openai-chat', { messages: [{ role: 'user', content: { canary: 1 } }] }, 'messages[0].content'],
  ['openai-chat', { messages: [{ role: 'user', content: [{ text: 'canary' }] }] }, 'messages[0].content[0].type'],
  ['openai-chat', { messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] }, 'messages[0].content[0].text'],
  [
    'openai-chat',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///canary' } }] }] },
    'messages[0].content[0].image_url.url',
  ],
  ['openai-chat', { messages: [{ role: 'tool', content: 'canary' }] }, 'messages[0].tool_call_id'],
  ['openai-chat', { messages: [{ role: 'assistant', tool_calls: [{ id: 'canary' }] }] }, 'messages[0].tool_calls[0]'],
  ['openai-chat', { tools: [{ type: 'function', function: { canary: 1 } }] }, 'tools[0].function.name'],
  ['openai-chat', { tool_choice: 'canary' }, 'tool_choice'],
  ['openai-chat', { max_tokens: 'canary' }, 'max_tokens'],
  ['openai-chat', { max_tokens: 0 }, 'max_tokens'],
  ['openai-chat', { stop: [1] }, 'stop'],
  ['openai-chat', { response_format: { type: 'canary' } }, 'response_format'],
  ['openai-responses', { input: 7 }, 'input'],
  ['openai-responses', { input: [{ type: 3 }] }, 'input[0].type'],
  ['openai-responses', { input: [{ role: 'canary', content: 'x' }] }, 'input[0].role'],
  ['openai-responses', { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, 'input[0].call_id'],
  ['openai-responses', { input: [{ type: 'function_call', name: 'f', call_id: 'c', arguments: { canary: 1 } }] }, 'input[0].arguments'],
  ['openai-responses', { input: [{ type: 'function_call_output', output: 'canary' }] }, 'input[0].call_id'],
  [
    'openai-responses',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'canary' }] }] },
    'input[0].content[0].image_url',
  ],
  ['openai-responses', { instructions: ['canary'] }, 'instructions'],
  ['openai-responses', { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }] }] }, 'tools[0].tools[0].name'],
  ['openai-responses', { tools: { canary: 1 } }, 'tools'],
  ['openai-responses', { tool_choice: { canary: 1 } }, 'tool_choice'],
  ['openai-responses', { include: 'canary' }, 'include'],
  ['openai-responses', { text: { format: { type: 'canary' } } }, 'text.format'],
  ['openai-responses', { max_output_tokens: -1 }, 'max_output_tokens'],
  ['openai-responses', { stream: 'canary' }, 'stream'],
  ['anthropic-messages', { messages: {} }, 'messages'],
  ['anthropic-messages', { messages: [{ role: 'canary', content: 'x' }] }, 'messages[0].role'],
  ['anthropic-messages', { messages: [{ role: 'user', content: [{ text: 'canary' }] }] }, 'messages[0].content[0].type'],
  [
    'anthropic-messages',
    { messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'canary' }] }] },
    'messages[0].content[0].tool_use_id',
  ],
  [
    'anthropic-messages',
    { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: 'canary' }] }] },
    'messages[0].content[0].input',
  ],
  [
    'anthropic-messages',
    { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'text/canary', data: 'A' } }] }] },
    'messages[0].content[0].source.media_type',
  ],
  ['anthropic-messages', { system: 5 }, 'system'],
  ['anthropic-messages', { tools: [{ name: 'canary' }] }, 'tools[0].input_schema'],
  ['anthropic-messages', { tool_choice: 'canary' }, 'tool_choice'],
  ['anthropic-messages', { stop_sequences: [1] }, 'stop_sequences'],
  ['anthropic-messages', { temperature: 'canary' }, 'temperature'],
];

test.each(wrong)('a caller of %s who sends %j hears what is wrong, and nobody is asked', async (caller, more, member) => {
  const before = router.upstream.asked.length;
  const response = await ask(caller, caller, more);
  const text = await response.text();

  expect(response.status, text).toBe(400);
  refusalIn(caller, JSON.parse(text), response.headers.get('x-request-id'), 'invalid-request');
  expect((JSON.parse(text) as { error: { message: string } }).error.message).toContain(`"${member}" must be `);
  expect(text).not.toContain('canary');
  expect(router.upstream.asked.length).toBe(before);
});

test('a cap that is too large for a whole number is told so', async () => {
  const refused = await ask('openai-chat', 'openai-chat', { max_tokens: 1e20 });

  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('\\"max_tokens\\" must be at most 9007199254740991');
});

const addresses: readonly (readonly [DialectName, object])[] = [
  ['anthropic-messages', { type: 'document', source: { type: 'url', url: 'http://10.0.0.1/x.pdf' } }],
  [
    'anthropic-messages',
    { type: 'document', source: { type: 'content', content: [{ type: 'image', source: { type: 'url', url: 'https://a.example/x' } }] } },
  ],
  ['openai-responses', { type: 'input_file', file_url: 'http://10.0.0.1/x.pdf' }],
];

test.each(addresses)('a caller of %s who names an address in %j is refused, and nobody is asked', async (caller, part) => {
  const before = router.upstream.asked.length;
  const content = [{ role: 'user', content: [part] }];
  const refused = await ask(caller, caller, caller === 'openai-responses' ? { input: content } : { messages: content });

  expect([refused.status, ((await refused.json()) as { error: Json }).error['code']]).toEqual([400, 'remote-image-refused']);
  expect(router.upstream.asked.length).toBe(before);
});

test('a screenshot that a tool of the provider took is refused by its address, and what a model wrote into a call is not', async () => {
  const output = { type: 'computer_screenshot', image_url: 'https://a.example/x.png' };
  const refused = await ask('openai-responses', 'openai-responses', { input: [{ type: 'computer_call_output', call_id: 'c', output }] });
  expect(((await refused.json()) as { error: Json }).error['code']).toBe('remote-image-refused');

  const call = { type: 'tool_use', id: 't', name: 'f', input: { file_url: 'https://a.example/x' } };
  const document = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'eA==' } };
  const messages = [
    { role: 'user', content: [document] },
    { role: 'assistant', content: [call] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] },
  ];
  const passed = await ask('anthropic-messages', 'anthropic-messages', { messages });
  expect(((await passed.json()) as { error?: Json }).error?.['code']).not.toBe('remote-image-refused');
});

test.each(dialects)('a caller of %s who sends a remote image is refused unless the config allows it', async (caller) => {
  const url = 'https://images.example/cat.png';
  const parts = {
    'openai-chat': { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] },
    'openai-responses': { input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] },
    'anthropic-messages': { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] }] },
  };
  const refused = await ask(caller, caller, parts[caller]);
  expect([refused.status, ((await refused.json()) as { error: Json }).error['code']]).toEqual([400, 'remote-image-refused']);

  const open = await startDialectRouter({}, { allow_remote_images: true });
  for (const target of dialects) {
    open.upstream.tell(answerOf(target, { text: 'a cat', calls: [], stop: 'end', input: 9, output: 1 }, false));
    const served = await open.ask(caller, { model: target, ...bodies[caller], ...parts[caller] });
    expect(served.status, await served.text()).toBe(200);
    expect(JSON.stringify(open.upstream.asked.at(-1)?.body)).toContain(url);
  }
  await open.stop();
});

test.each(dialects)('a caller of %s whose body is nested beyond all reason is refused, wherever the nest is', async (caller) => {
  const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const before = router.upstream.asked.length;
  for (const member of ['metadata', 'tools', 'unheard_of']) {
    const body = JSON.stringify({ model: caller, ...bodies[caller] }).replace(/\}$/, `,"${member}":${deep(100_000)}}`);
    const response = await router.askText(caller, body);
    const text = await response.text();

    expect(response.status, text).toBe(400);
    refusalIn(caller, JSON.parse(text), response.headers.get('x-request-id'), 'invalid-body');
  }
  expect(router.upstream.asked.length).toBe(before);
});
