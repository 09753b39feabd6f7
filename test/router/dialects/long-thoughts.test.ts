// A provider that thinks for longer than an attempt may take until its first byte: it has begun to answer, whatever dialect the
// caller speaks, although a caller of another dialect is told nothing of thoughts.
import { expect, onTestFinished, test } from 'vitest';
import { type DialectName, dialects, startDialectRouter } from './dialect-router.js';
import { named } from './told-upstream.js';

const thoughts = 8;
const gapMs = 300;
const upstream = { first_byte_timeout_ms: 1500, idle_timeout_ms: 20_000 };

const chunk = (choice: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, finish_reason: null, ...choice }] })}\n\n`;
const repeated = <T>(event: T): T[] => Array.from({ length: thoughts }, () => event);

const streams: Readonly<Record<DialectName, readonly string[]>> = {
  'openai-chat': [
    chunk({ delta: { role: 'assistant', content: '' } }),
    ...repeated(chunk({ delta: { reasoning_content: 'hm ' } })),
    chunk({ delta: { content: 'done' } }),
    chunk({ delta: {}, finish_reason: 'stop' }),
    'data: [DONE]\n\n',
  ],
  'openai-responses': named([
    { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } },
    ...repeated({ type: 'response.reasoning_summary_text.delta', item_id: 'rs_1', output_index: 0, summary_index: 0, delta: 'hm ' }),
    { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 1, content_index: 0, delta: 'done' },
    { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [], usage: null } },
  ]),
  'anthropic-messages': named([
    { type: 'message_start', message: { id: 'msg_1', role: 'assistant', content: [], usage: { input_tokens: 3, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    ...repeated({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm ' } }),
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'done' } },
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 9 } },
    { type: 'message_stop' },
  ]),
};

function question(caller: DialectName, model: DialectName): object {
  const messages = [{ role: 'user', content: 'think' }];
  if (caller === 'openai-responses') return { model, stream: true, input: 'think' };
  return { model, stream: true, messages, ...(caller === 'anthropic-messages' ? { max_tokens: 100 } : {}) };
}

test.each(dialects)('a target of %s that thinks for long is waited for in every dialect of a caller', async (target) => {
  const router = await startDialectRouter({}, upstream);
  onTestFinished(router.stop);
  // The first request of a router waits for more than its provider.
  router.upstream.tell({ body: streams[target] });
  await (await router.ask(target, question(target, target))).text();
  router.upstream.tell({ body: streams[target], gapMs });
  const heard = await Promise.all(
    dialects.map(async (caller) => {
      const answer = await router.ask(caller, question(caller, target));
      return { caller, status: answer.status, done: (await answer.text()).includes('done') };
    }),
  );

  expect(heard).toEqual(dialects.map((caller) => ({ caller, status: 200, done: true })));
  expect(router.upstream.asked).toHaveLength(1 + dialects.length);
});
