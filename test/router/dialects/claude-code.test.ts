// What Claude Code sends in its full mode, at targets of the other dialects, and the events that it needs to hear.
// Source of the request: what Claude Code 2.1.197 sent.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DialectRouter, startDialectRouter } from './dialect-router.js';
import { eventsIn } from './heard.js';
import { answerOf } from './said.js';

type Json = Record<string, unknown>;

let router: DialectRouter;

beforeAll(async () => {
  router = await startDialectRouter();
});
afterAll(async () => router.stop());

/** As Claude Code sends it in its full mode. */
const claude = {
  max_tokens: 32000,
  stream: true,
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.197' },
    { type: 'text', text: 'You are Claude Code.', cache_control: { type: 'ephemeral' } },
  ],
  thinking: { type: 'adaptive' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  output_config: { effort: 'high' },
  metadata: { user_id: '{"device_id":"d"}' },
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Read a.png' }] },
    { role: 'system', content: 'Today is Saturday.' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'redacted_thinking', data: 'opaque' },
        { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: 'a.png' } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          tool_use_id: 'toolu_1',
          type: 'tool_result',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }],
          cache_control: { type: 'ephemeral' },
        },
      ],
    },
  ],
  tools: [{ name: 'Read', description: 'Reads.', input_schema: { type: 'object', properties: {} }, eager_input_streaming: true }],
};

test.each(['openai-chat', 'openai-responses'] as const)('Claude Code in its full mode is served by a target of %s', async (target) => {
  const said = { text: 'A dot.', calls: [{ id: 'call_9', name: 'Read', arguments: {} }], stop: 'tool-calls', input: 9, output: 4 } as const;
  router.upstream.tell(answerOf(target, said, true));
  const response = await router.ask('anthropic-messages', { model: target, ...claude });
  const events = eventsIn(await response.text()).map(({ data }) => JSON.parse(data) as Json);
  const received = JSON.stringify(router.upstream.asked.at(-1)?.body);

  expect(response.status).toBe(200);
  expect(events.map(({ type }) => type)).toEqual([
    'message_start',
    ...['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'],
    ...['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'],
    'message_delta',
    'message_stop',
  ]);
  expect(events[0]).toMatchObject({ message: { id: `msg_${response.headers.get('x-request-id')?.slice(4)}`, content: [], model: target } });
  for (const kept of ['You are Claude Code.', 'Today is Saturday.', 'data:image/png;base64,AAAA']) expect(received).toContain(kept);
  for (const lost of ['opaque', 'signature', 'cache_control', 'context_management']) expect(received).not.toContain(lost);
  expect(response.headers.get('x-reference-router-warning')).toContain('messages.thinking');
});

test('two answers never carry the same message id', async () => {
  router.upstream.tell(answerOf('openai-chat', { text: 'x', calls: [], stop: 'end', input: 1, output: 1 }, false));
  const ask = async () =>
    (await (await router.ask('anthropic-messages', { model: 'openai-chat', ...claude, stream: false })).json()) as Json;

  expect((await ask())['id']).not.toBe((await ask())['id']);
});
