import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';
import { piecesOf } from '../../../src/router/lab/upstream/scripted-answer.js';
import { say, spellings } from './upstream-spellings.js';

let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
beforeEach(() => upstream.setFaults([]));
afterAll(async () => upstream.stop());

const [chat] = spellings;

test.each([
  ['Please reply with exactly: PONG', 'PONG'],
  ['Answer if someone replies with exactly "two words"', 'two words'],
  ['What is 12 * 12?', 'The result is 144.'],
  ['one two three', 'You wrote 3 words: one two three'],
])('%s is answered %s in every dialect, whole and streamed', async (question, text) => {
  for (const spelling of spellings)
    for (const stream of [false, true]) {
      const answer = await say(upstream, spelling, { turns: [{ user: question }], stream });
      expect([spelling.name, stream, answer.text, answer.stop]).toEqual([spelling.name, stream, text, 'end']);
    }
});

test('a text is streamed in several pieces and no character is torn apart', () => {
  expect(piecesOf('12345')).toEqual(['12', '34', '5']);
  expect(piecesOf('a😀b😀').join('')).toBe('a😀b😀');
  expect(piecesOf('😀😀')).toEqual(['😀', '😀']);
});

test('the same question counts the same tokens in every dialect, whole and streamed', async () => {
  const counts = await Promise.all(
    spellings.flatMap((spelling) =>
      [false, true].map(async (stream) => (await say(upstream, spelling, { turns: [{ user: 'What is 12 * 12?' }], stream })).usage),
    ),
  );

  expect(new Set(counts.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify({ input: 6, output: 6, cached: 0, reasoning: 0, cost: null })]),
  );
});

test('a cap on tokens shortens the answer and says so', async () => {
  for (const spelling of spellings)
    for (const stream of [false, true]) {
      const answer = await say(upstream, spelling, { turns: [{ user: 'reply with exactly: a long long answer' }], stream, cap: 1 });
      expect([spelling.name, answer.text, answer.stop, answer.usage?.output]).toEqual([spelling.name, 'a l', 'length', 1]);
    }
});

test('a stop sequence ends the answer before it', async () => {
  const ask = { turns: [{ user: 'reply with exactly: one STOP two' }], stops: ['STOP'] };

  expect(await say(upstream, chat, ask)).toMatchObject({ text: 'one ', stop: 'end' });
  expect(await say(upstream, spellings[2], { ...ask, stream: true })).toMatchObject({ text: 'one ', stop: 'stop_sequence STOP' });
});

test('an answer in JSON satisfies the schema that was asked for', async () => {
  const schema = {
    type: 'object',
    properties: { verdict: { enum: ['yes', 'no'] }, why: { type: 'string' } },
    required: ['verdict', 'why'],
  };
  for (const spelling of spellings) {
    const { text } = await say(upstream, spelling, { turns: [{ user: 'reply with exactly: PONG' }], schema });
    expect([spelling.name, JSON.parse(text)]).toEqual([spelling.name, { verdict: 'yes', why: 'PONG' }]);
  }
});

test('long prompts are reported as partly cached, and a model that thinks reports reasoning', async () => {
  const long = 'word '.repeat(1000);
  for (const spelling of spellings) {
    const cached = await say(upstream, spelling, { turns: [{ user: long }], stream: true, marksCache: true });
    const thinking = await say(upstream, spelling, { model: 'echo-1+thinks', turns: [{ user: 'hello there' }], stream: true });
    expect([spelling.name, cached.usage?.input, cached.usage?.cached]).toEqual([spelling.name, 1667, 768]);
    expect([spelling.name, thinking.text, thinking.usage?.output]).toEqual([spelling.name, 'You wrote 2 words: hello there', 10 + 11]);
  }
});

test('several choices are answered alike', async () => {
  const answer = await post(chat.path, { model: 'echo-1', messages: [{ role: 'user', content: 'reply with exactly: PONG' }], n: 2 });

  expect(((await answer.json()) as { choices: { message: { content: string } }[] }).choices.map(({ message }) => message.content)).toEqual([
    'PONG',
    'PONG',
  ]);
});

test('a request without a key is refused in the dialect it came in, so that a lost provider key is noticed', async () => {
  for (const { path, minimal } of spellings) {
    const answer = await post(path, minimal, {});
    expect([path, answer.status, await answer.text()]).toEqual([
      path,
      401,
      expect.stringMatching(/"(authentication_error|invalid_api_key)"/),
    ]);
  }
});

test.each([
  ['/v1/messages', { max_tokens: undefined }, 'max_tokens is missing'],
  ['/v1/messages', { stream_options: {} }, 'stream_options is not known here'],
  ['/v1/messages', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, 'must hold text'],
  ['/v1/messages', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }, 'no type that its role may have'],
  [
    '/v1/messages',
    { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'y' }] }] },
    'no tool call before it',
  ],
  ['/v1/chat/completions', { max_output_tokens: 5 }, 'max_output_tokens is not known here'],
  ['/v1/chat/completions', { messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] }, 'no tool call before it'],
  ['/v1/chat/completions', { tools: [{ type: 'function', function: { name: 'a.b' } }] }, 'letters, digits'],
  ['/v1/chat/completions', { tool_choice: 'required' }, 'only allowed with tools'],
  ['/v1/responses', { messages: [] }, 'messages is not known here'],
  [
    '/v1/responses',
    { input: [{ type: 'message', role: 'user', content: [{ type: 'text', text: 'x' }] }] },
    'no type that its role may have',
  ],
  ['/v1/responses', { input: [{ type: 'function_call_output', call_id: 'x', output: 'y' }] }, 'no tool call before it'],
])('a request that %s would refuse is refused: %j', async (path, change, why) => {
  const { minimal } = spellings.find((spelling) => spelling.path === path) ?? chat;
  const answer = await post(path, { ...minimal, ...change });

  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(why)]);
  expect(upstream.received.at(-1)?.refused).toContain(why);
});

test('tokens are counted without an answer, and models are listed as either vendor lists them', async () => {
  const counted = await post('/anthropic/v1/messages/count_tokens', {
    model: 'echo-1',
    messages: [{ role: 'user', content: 'What is 12 * 12?' }],
  });
  const listed = async (headers: Record<string, string>): Promise<unknown> =>
    ((await (await fetch(`${upstream.url}/v1/models`, { headers })).json()) as { data: unknown[] }).data[0];

  expect(await counted.json()).toEqual({ input_tokens: 6 });
  expect(await listed({})).toMatchObject({ object: 'model', id: 'echo-1' });
  expect(await listed({ 'anthropic-version': '2023-06-01' })).toMatchObject({ type: 'model', id: 'echo-1' });
});

test('what it received is told without a word of it', async () => {
  const body = {
    ...chat.minimal,
    messages: [{ role: 'user', content: 'canary-prompt' }],
    tools: [{ type: 'function', function: { name: 'look' } }],
  };
  await post(chat.path, body, { authorization: 'Bearer canary-key', 'x-extra': 'canary-header' });
  const told = await (await fetch(`${upstream.url}/control/requests`)).text();
  const last = (JSON.parse(told) as { headerNames: string[] }[]).at(-1);

  expect(last).toMatchObject({
    dialect: 'openai-chat',
    tools: ['look'],
    images: 0,
    turns: 1,
    bodyBytes: JSON.stringify(body).length,
  });
  expect(last?.headerNames).toEqual(expect.arrayContaining(['authorization', 'x-extra']));
  expect(told).not.toContain('canary');
  expect(await (await fetch(`${upstream.url}/control`)).json()).toMatchObject({ inFlight: 0, last: { dialect: 'openai-chat' } });
});

function post(path: string, body: unknown, headers: Record<string, string> = { authorization: 'Bearer key' }): Promise<Response> {
  return fetch(`${upstream.url}${path}`, {
    method: 'POST',
    headers: { 'anthropic-version': '2023-06-01', ...headers },
    body: JSON.stringify(body),
  });
}
