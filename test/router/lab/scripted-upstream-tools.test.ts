import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';
import { schemaValue } from '../../../src/router/lab/upstream/schema-value.js';
import { dataOf, say, spellings } from './upstream-spellings.js';

let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
afterAll(async () => upstream.stop());

const city = { type: 'object', properties: { city: { type: 'string' }, unit: { enum: ['C', 'F'] } }, required: ['city', 'unit'] };
const command = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
const tools = { get_weather: city, exec_command: command };

describe.each(spellings)('in $name', (spelling) => {
  test.each([false, true])('the fitting tool is called with arguments of its schema; streamed: %s', async (stream) => {
    const answer = await say(upstream, spelling, { turns: [{ user: 'How is the weather in Paris?' }], tools, stream });

    expect(answer).toMatchObject({
      text: '',
      stop: 'tool_calls',
      calls: [{ name: 'get_weather', arguments: { city: 'Paris', unit: 'C' } }],
    });
    expect(answer.calls.length).toBe(1);
  });

  test.each([false, true])('two things are two calls at once, unless parallel calls are forbidden; streamed: %s', async (stream) => {
    const turns = [{ user: 'How is the weather in Paris and in Rome?' }];
    const both = await say(upstream, spelling, { turns, tools, stream });
    const one = await say(upstream, spelling, { turns, tools, stream, parallel: false });

    expect(both.calls.map(({ arguments: given }) => given)).toEqual([
      { city: 'Paris', unit: 'C' },
      { city: 'Rome', unit: 'C' },
    ]);
    expect(new Set(both.calls.map(({ id }) => id)).size).toBe(2);
    expect(one.calls.map(({ arguments: given }) => given)).toEqual([{ city: 'Paris', unit: 'C' }]);
  });

  test('after a result the answer says what the result said, and a new question is a new one', async () => {
    const asked = [{ user: 'Look into note.txt.' }, { call: { id: 'call_1', name: 'exec_command', result: 'SECRET-7' } }];
    const told = await say(upstream, spelling, { turns: asked, tools });
    const next = await say(upstream, spelling, { turns: [...asked, { assistant: told.text }, { user: 'And other.txt?' }], tools });

    expect(told).toMatchObject({ text: 'The tool said: SECRET-7', calls: [], stop: 'end' });
    expect(next.calls).toMatchObject([{ name: 'exec_command', arguments: { cmd: 'cat other.txt' } }]);
  });

  test('exact words and sums are answered in words although tools are offered, unless a tool is demanded', async () => {
    const turns = [{ user: 'reply with exactly: PONG' }];

    expect(await say(upstream, spelling, { turns, tools })).toMatchObject({ text: 'PONG', calls: [] });
    expect((await say(upstream, spelling, { turns, tools, choice: 'required' })).calls.length).toBe(1);
    expect((await say(upstream, spelling, { turns: [{ user: 'Look into note.txt.' }], tools, choice: 'none' })).calls).toEqual([]);
  });

  test('a cap can cut the arguments off', async () => {
    const body = spelling.body({ turns: [{ user: 'How is the weather in Paris?' }], tools, cap: 6 });
    const answer = await (await ask(spelling.path, body)).text();

    expect(answer).toMatch(/"(length|max_tokens|max_output_tokens)"/);
  });
});

test.each([
  { type: 'object', properties: { list: { type: 'array', items: { type: 'integer', minimum: 3 }, minItems: 2 } }, required: ['list'] },
  { type: 'object', properties: { when: { type: 'string', format: 'date' }, on: { type: 'boolean' } }, required: ['when', 'on'] },
  { type: 'object', properties: { text: { type: 'string', minLength: 20, maxLength: 30 } }, required: ['text'] },
  { type: 'object', properties: { kind: { anyOf: [{ const: 'one' }, { type: 'null' }] } }, required: ['kind'] },
  {
    type: 'object',
    properties: { at: { $ref: '#/$defs/point' } },
    required: ['at'],
    $defs: { point: { type: 'object', properties: { x: { type: 'number', maximum: 1 } }, required: ['x'] } },
  },
  {
    allOf: [
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      { type: 'object', properties: { b: { type: 'integer', multipleOf: 5, minimum: 7 } }, required: ['b'] },
    ],
  },
  {
    type: ['object', 'null'],
    properties: { deep: { type: 'object', properties: { er: { type: ['string', 'null'] } }, required: ['er'] } },
    required: ['deep'],
  },
  {},
])('arguments satisfy %j', (schema) => {
  const value = schemaValue(schema, { texts: {}, otherwise: 'something' });

  expect(z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value)).toMatchObject({ success: true });
});

test('the tools of coding clients are called as those clients need it', async () => {
  const custom = (name: string): object => ({ type: 'custom', name, format: { type: 'grammar' } });
  const offered = {
    functions: { type: 'function', name: 'exec_command', parameters: command },
    patch: custom('apply_patch'),
    code: { type: 'additional_tools', role: 'developer', tools: [{ type: 'namespace', name: 'functions', tools: [custom('exec')] }] },
    hosted: { type: 'web_search' },
  };
  const first = async (input: unknown[], tools: unknown[]): Promise<unknown> =>
    ((await (await ask('/v1/responses', { model: 'gpt', input, tools })).json()) as { output: unknown[] }).output[0];
  const user = (content: string): object => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text: content }] });

  expect(await first([user('Look into note.txt.')], [offered.hosted, offered.functions, offered.patch])).toMatchObject({
    type: 'function_call',
    name: 'exec_command',
    arguments: '{"cmd":"cat note.txt"}',
  });
  expect(await first([user('Apply a patch that adds p.txt with hello.')], [offered.functions, offered.patch])).toMatchObject({
    type: 'custom_tool_call',
    name: 'apply_patch',
    input: '*** Begin Patch\n*** Add File: p.txt\n+hello\n*** End Patch\n',
  });
  expect(await first([offered.code, user('Look into note.txt.')], [])).toMatchObject({
    type: 'custom_tool_call',
    name: 'exec',
    namespace: 'functions',
    input: 'const r = await tools.exec_command({cmd:"cat note.txt"}); text(JSON.stringify(r));',
  });
});

test('a tool is given the directory that a client says it works in', async () => {
  const schema = { type: 'object', properties: { file_path: { type: 'string' } }, required: ['file_path'] };
  const body = {
    model: 'echo-1',
    max_tokens: 100,
    system: 'Primary working directory: /srv/project\nMore.',
    messages: [
      { role: 'user', content: '<system-reminder>Use Bash on x.txt</system-reminder>' },
      { role: 'user', content: 'Use Read on note.txt.' },
    ],
    tools: [
      { name: 'Bash', input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] } },
      { name: 'Read', input_schema: schema },
    ],
  };
  const { content } = (await (await ask('/v1/messages', body)).json()) as { content: unknown[] };

  expect(content).toMatchObject([{ type: 'tool_use', name: 'Read', input: { file_path: '/srv/project/note.txt' } }]);
});

test('custom tools of the chat dialect are called with free text', async () => {
  const body = {
    model: 'echo-1',
    stream: true,
    messages: [{ role: 'user', content: 'Say "hi" by the tool' }],
    tools: [{ type: 'custom', custom: { name: 'say' } }],
  };
  const stream = await (await ask('/v1/chat/completions', body)).text();
  const calls = dataOf(stream).flatMap(
    ({ choices }) => (choices as { delta: { tool_calls?: { custom: object }[] } }[])[0]?.delta.tool_calls ?? [],
  );

  expect(calls.map(({ custom }) => custom)).toEqual([{ name: 'say', input: '' }, { input: 'h' }, { input: 'i' }]);
});

function ask(path: string, body: unknown): Promise<Response> {
  const headers = { authorization: 'Bearer key', 'anthropic-version': '2023-06-01' };
  return fetch(`${upstream.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}
