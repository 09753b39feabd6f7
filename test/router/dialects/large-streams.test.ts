// A translated stream is gathered where its caller's dialect repeats the text at the end, so that it has the bound of a plain answer.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DialectName, type DialectRouter, startDialectRouter } from './dialect-router.js';

let router: DialectRouter;
beforeAll(async () => {
  router = await startDialectRouter({}, { breaker: { failures: 1_000_000 }, idle_timeout_ms: 60_000 });
});
afterAll(async () => router.stop());

const mebibyte = 1024 * 1024;
const bodies: Partial<Record<DialectName, Record<string, unknown>>> = {
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 },
};
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

function textOf(bytes: number): string[] {
  // Two bytes a character.
  const piece = chunk({ content: 'ä'.repeat(mebibyte / 2) });
  return [...Array<string>(Math.floor(bytes / mebibyte)).fill(piece), chunk({ content: 'x'.repeat(bytes % mebibyte) })];
}

function callOf(bytes: number): string[] {
  const call = (more: object): string => chunk({ tool_calls: [{ index: 0, ...more }] });
  const piece = call({ function: { arguments: 'x'.repeat(mebibyte) } });
  return [call({ id: 'c', function: { name: 'f', arguments: '' } }), ...Array<string>(Math.floor(bytes / mebibyte)).fill(piece)];
}

async function lastEventOf(caller: DialectName, pieces: readonly string[]): Promise<{ last: string; response: Response }> {
  router.upstream.tell({ body: [...pieces, chunk({}, 'stop'), 'data: [DONE]\n\n'] });
  const response = await router.ask(caller, { model: 'openai-chat', ...bodies[caller], stream: true });
  const decoder = new TextDecoder();
  let tail = '';
  for await (const bytes of response.body ?? []) tail = (tail + decoder.decode(bytes as Uint8Array, { stream: true })).slice(-2000);
  return { last: tail.trimEnd().split('\n\n').at(-1) ?? '', response };
}

test.each([
  ['a text', 'openai-responses', textOf],
  ['a text', 'anthropic-messages', textOf],
  ['a call', 'openai-responses', callOf],
] as const)(
  '%s that is larger than a plain answer may be ends the stream of a caller of %s as a failure',
  async (_, caller, piecesOf) => {
    const { last, response } = await lastEventOf(caller, piecesOf(65 * mebibyte));

    expect(last).toContain(caller === 'openai-responses' ? '"type":"response.failed"' : 'event: error');
    expect(last).toContain('the upstream sent an answer that is too large');
    expect(await router.row(response)).toMatchObject({ status: 502, error: 'upstream-failed' });
  },
  60_000,
);

test('a text that is as large as a plain answer may be is told to its end', async () => {
  const { last, response } = await lastEventOf('anthropic-messages', textOf(64 * mebibyte));

  expect(last).toContain('"type":"message_stop"');
  expect(await router.row(response)).toMatchObject({ status: 200, error: null });
});
