// Answers of providers that speak Chat Completions loosely: what can be read is read, and what says nothing is refused as none, the
// same whether it comes whole or streamed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DialectName, type DialectRouter, dialects, startDialectRouter } from './dialect-router.js';
import { heardBy } from './heard.js';

let router: DialectRouter;
beforeAll(async () => {
  router = await startDialectRouter({}, { breaker: { failures: 1_000_000 } });
});
afterAll(async () => router.stop());

type Json = Record<string, unknown>;

const bodies: Readonly<Record<DialectName, Json>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 },
};
const usage = { prompt_tokens: 9, completion_tokens: 4 };

function tell(choices: readonly Json[], stream: boolean): void {
  const last = { choices: [], usage };
  const body = stream
    ? [...[{ choices }, last].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n']
    : JSON.stringify({ choices, usage });
  router.upstream.tell({ body });
}
const ask = (caller: DialectName, stream: boolean): Promise<Response> =>
  router.ask(caller, { model: 'openai-chat', ...bodies[caller], stream });
const choice = (said: Json, stream: boolean, finish: unknown = 'stop'): Json => ({
  index: 0,
  [stream ? 'delta' : 'message']: { role: 'assistant', ...said },
  finish_reason: finish,
});

const parts = [
  { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
  { type: 'text', text: 'a ta' },
  { type: 'text', text: 'le' },
];

test.each([false, true])('a text that comes as a list of parts is heard as one text (stream: %s)', async (stream) => {
  for (const caller of ['openai-responses', 'anthropic-messages'] as const) {
    tell([choice({ content: parts }, stream)], stream);
    const response = await ask(caller, stream);

    expect(await heardBy(caller, response, stream)).toEqual({ text: 'a tale', calls: [], stop: 'end', input: 9, output: 4 });
  }
});

test.each([false, true])('a list of parts reaches a caller of the same dialect as it came (stream: %s)', async (stream) => {
  tell([choice({ content: parts }, stream)], stream);
  const response = await ask('openai-chat', stream);

  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(JSON.stringify(parts))]);
});

const nothings: readonly (readonly [string, (stream: boolean) => Json[]])[] = [
  ['no choice', () => []],
  ['no reason why it ended', (stream) => [choice({ content: 'a tale' }, stream, null)]],
  ['a reason that is no text', (stream) => [choice({ content: 'a tale' }, stream, 7)]],
  ['a content that is a number', (stream) => [choice({ content: 7 }, stream)]],
  ['an error in its choice', (stream) => [{ ...choice({ content: 'a ta' }, stream, 'error'), error: { code: 502 } }]],
  ['a content of parts that are none', (stream) => [choice({ content: ['a tale'] }, stream)]],
];

test.each(nothings)('an answer with %s is none, for every caller, plain and streamed', async (_, choices) => {
  for (const caller of dialects)
    for (const stream of [false, true]) {
      tell(choices(stream), stream);
      const response = await ask(caller, stream);
      await response.text();

      expect(await router.row(response)).toMatchObject({ status: 502, error: 'upstream-failed', stream: stream ? 1 : 0 });
    }
});

test('an answer of two choices is whole when both of them are', async () => {
  for (const finish of ['stop', null]) {
    tell([choice({ content: 'one' }, false), { ...choice({ content: 'two' }, false, finish), index: 1 }], false);
    const response = await router.ask('openai-chat', { model: 'openai-chat', ...bodies['openai-chat'], n: 2 });
    await response.text();

    expect(response.status).toBe(finish === null ? 502 : 200);
  }
});
