import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { scriptAnswer } from '../../../src/router/lab/scripted-answer.js';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';

let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
beforeEach(() => upstream.setFaults([]));
afterAll(async () => upstream.stop());

const chat = (body: Record<string, unknown>, headers: Record<string, string> = { authorization: 'Bearer key' }): Promise<Response> =>
  fetch(`${upstream.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'echo-1', messages: [{ role: 'user', content: 'hello there' }], ...body }),
  });

test.each([
  ['Please reply with exactly: PONG', 'PONG'],
  ['Answer if someone replies with exactly "two words"', 'two words'],
  ['What is 12 * 12?', 'The result is 144.'],
  ['one two three', 'You wrote 3 words: one two three'],
])('%s is answered %s', (question, answer) => {
  const script = scriptAnswer([{ role: 'user', content: question }], null);

  expect(script.text).toBe(answer);
  expect(script.pieces.join('')).toBe(answer);
  expect(script.pieces.length).toBeGreaterThan(1);
});

test('content in parts is read like plain text', () => {
  expect(scriptAnswer([{ role: 'user', content: [{ type: 'text', text: 'reply with exactly: PARTS' }] }], null).text).toBe('PARTS');
});

test('a cap on tokens shortens the answer and says so', () => {
  expect(scriptAnswer([{ role: 'user', content: 'reply with exactly: a long long answer' }], 1)).toMatchObject({
    text: 'a l',
    finishReason: 'length',
    usage: { completion_tokens: 1 },
  });
});

test('a request without a key is refused, so that a lost provider key is noticed', async () => {
  expect((await chat({}, {})).status).toBe(401);
});

test('faults come by model name, by header and by the control endpoint, there a number of times', async () => {
  const control = await fetch(`${upstream.url}/control`, {
    method: 'POST',
    body: JSON.stringify({ faults: [{ status: 418, model: 'echo-1', times: 1 }] }),
  });
  expect(await control.json()).toEqual({ faults: 1 });
  const statuses = [
    (await chat({})).status,
    (await chat({})).status,
    (await chat({ model: 'delay-1+status-429' })).status,
    (await chat({}, { authorization: 'Bearer key', 'x-lab-fault': '{"status":503}' })).status,
  ];

  expect(statuses).toEqual([418, 200, 429, 503]);
});

test('a cut stream breaks the connection', async () => {
  await expect(chat({ model: 'cut-1', stream: true }).then((answer) => answer.text())).rejects.toThrow();
});

test('usage is streamed only when it was asked for', async () => {
  const silent = await (await chat({ stream: true })).text();
  const counted = await (await chat({ stream: true, stream_options: { include_usage: true } })).text();

  expect(silent).not.toContain('usage');
  expect(counted).toContain('"choices":[],"usage":{"prompt_tokens":');
});
