import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';
import { dataOf, say, spellings } from './upstream-spellings.js';

let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
afterAll(async () => upstream.stop());

const [chat, responses, messages] = spellings;
const words = { turns: [{ user: 'reply with exactly: PONG' }], stream: true };
const call = {
  turns: [{ user: 'Look into note.txt.' }],
  stream: true,
  tools: { exec_command: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] } },
};
const thinking = { ...words, model: 'echo-1+thinks' };
const opened = ['response.created', 'response.in_progress'];
const item = (...inner: string[]): string[] => ['response.output_item.added', ...inner, 'response.output_item.done'];
const text = item('response.content_part.added', 'response.output_text.delta', 'response.output_text.done', 'response.content_part.done');
const summary = 'response.reasoning_summary';
const reasoning = item(`${summary}_part.added`, `${summary}_text.delta`, `${summary}_text.done`, `${summary}_part.done`);
const block = ['content_block_start', 'content_block_delta', 'content_block_stop'];

test.each([
  ['words', chat, words, ['chunk', 'usage']],
  ['words', responses, words, [...opened, ...text, 'response.completed']],
  ['words', messages, words, ['message_start', 'ping', ...block, 'message_delta', 'message_stop']],
  [
    'a call',
    responses,
    call,
    [...opened, ...item('response.function_call_arguments.delta', 'response.function_call_arguments.done'), 'response.completed'],
  ],
  ['a call', messages, call, ['message_start', 'ping', ...block, 'message_delta', 'message_stop']],
  ['thinking', responses, thinking, [...opened, ...reasoning, ...text, 'response.completed']],
  ['thinking', messages, thinking, ['message_start', 'ping', ...block, ...block, 'message_delta', 'message_stop']],
  ['a cap', responses, { ...words, cap: 1 }, [...opened, ...text, 'response.incomplete']],
] as const)('%s are streamed by $name in the published order', async (_, spelling, spoken, events) => {
  expect((await say(upstream, spelling, spoken)).events).toEqual(events);
});

async function streamOf(spelling: (typeof spellings)[number]): Promise<string> {
  const headers = { authorization: 'Bearer key', 'anthropic-version': '2023-06-01' };
  const answer = await fetch(`${upstream.url}${spelling.path}`, { method: 'POST', headers, body: JSON.stringify(spelling.body(words)) });

  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  return answer.text();
}

test('chat chunks have data lines only, no usage before the last, and end with the marker', async () => {
  const stream = await streamOf(chat);

  expect(stream).not.toMatch(/^event:/m);
  expect(dataOf(stream).map(({ usage }) => usage)).toEqual([null, null, null, null, null, null, expect.anything()]);
  expect(stream.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('usage is streamed in chat only when it was asked for', async () => {
  const body = { model: 'echo-1', stream: true, messages: [{ role: 'user', content: 'hello' }] };
  const answer = await fetch(`${upstream.url}${chat.path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify(body),
  });

  expect(await answer.text()).not.toContain('usage');
});

test('events of the Responses dialect are numbered without a gap and name their type twice', async () => {
  const stream = await streamOf(responses);
  const events = dataOf(stream);

  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
  expect([...stream.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(events.map(({ type }) => type));
});

test('every event of the Messages dialect is named, and the counts stand where they are published', async () => {
  const stream = await streamOf(messages);
  const events = dataOf(stream);

  expect([...stream.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(events.map(({ type }) => type));
  expect(events[0]).toMatchObject({ message: { content: [], stop_reason: null, usage: { input_tokens: 8, output_tokens: 1 } } });
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } });
});

test('ids are new in every answer, since clients merge answers of the same id', async () => {
  const idOf = (stream: string): string | undefined => /"id":"(msg_[0-9a-f]+)"/.exec(stream)?.[1];
  const ids = [idOf(await streamOf(messages)), idOf(await streamOf(messages)), undefined];

  expect(new Set(ids).size).toBe(3);
});
