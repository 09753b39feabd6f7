// One answer of a model, told by a provider of each dialect and heard by a caller of each, plain and streamed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DialectName, type DialectRouter, directions, startDialectRouter } from './dialect-router.js';
import { heardBy } from './heard.js';
import { answerOf, type Said } from './said.js';

let router: DialectRouter;

beforeAll(async () => {
  router = await startDialectRouter();
});
afterAll(async () => router.stop());

const answered: { caller: DialectName; target: DialectName; stream: boolean; response: Response }[] = [];
const count = { input: 21, output: 9 };
const weather = { id: 'call_1', name: 'get_weather', arguments: { city: 'Paris', days: 2 } };
const time = { id: 'call_2', name: 'get_time', arguments: {} };

const answers: Readonly<Record<string, Said>> = {
  'a text': { text: 'Grüße, "dear" world\n', calls: [], stop: 'end', ...count },
  'a tool call': { text: '', calls: [weather], stop: 'tool-calls', ...count },
  'parallel tool calls after a text': { text: 'I look.', calls: [weather, time], stop: 'tool-calls', ...count },
  'a text cut at its cap': { text: 'half of', calls: [], stop: 'length', ...count },
  'a filtered text': { text: 'no', calls: [], stop: 'content-filter', ...count },
  'nothing at all': { text: '', calls: [], stop: 'end', ...count },
};

function question(caller: DialectName, target: DialectName, stream: boolean): object {
  const said = { model: target, ...(stream ? { stream } : {}) };
  if (caller === 'openai-responses') return { ...said, input: 'hi', store: false };
  const usage = caller === 'openai-chat' && stream ? { stream_options: { include_usage: true } } : {};
  return { ...said, ...usage, max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] };
}

describe.each(Object.entries(answers))('%s', (_, said) => {
  test.each(directions.flatMap((direction) => [false, true].map((stream) => [...direction, stream] as const)))(
    'is heard by a caller of %s as a target of %s says it (stream: %s)',
    async (caller, target, stream) => {
      router.upstream.tell(answerOf(target, said, stream));
      const response = await router.ask(caller, question(caller, target, stream));

      expect(await heardBy(caller, response, stream)).toEqual(said);
      answered.push({ caller, target, stream, response });
    },
  );
});

test('every one of these answers left the same counts in its row', async () => {
  expect(answered).toHaveLength(Object.keys(answers).length * directions.length * 2);
  for (const { caller, target, stream, response } of answered)
    expect(await router.row(response)).toMatchObject({
      inbound_dialect: caller,
      target_dialect: target,
      status: 200,
      error: null,
      stream: stream ? 1 : 0,
      input_tokens: count.input,
      output_tokens: count.output,
      total_tokens: count.input + count.output,
    });
});

test("an answer of the same dialect names the provider's model, a translated one the model group, plain and streamed", async () => {
  const seen: [string, string[]][] = [];
  for (const [caller, target] of directions)
    for (const stream of [false, true]) {
      router.upstream.tell(answerOf(target, { text: 'hi', calls: [], stop: 'end', ...count }, stream));
      const text = await (await router.ask(caller, question(caller, target, stream))).text();
      const models = [...text.matchAll(/"model":"([^"]+)"/g)].map(([, model = '']) => model);
      seen.push([`${caller} ${target} ${stream}`, [...new Set(models)]]);
    }

  expect(seen).toEqual(
    directions.flatMap(([caller, target]) =>
      [false, true].map((stream) => [`${caller} ${target} ${stream}`, [caller === target ? 'provider-model' : target]]),
    ),
  );
});

test.each([false, true])('a stop sequence is named where the target tells it and the caller can hear it (stream: %s)', async (stream) => {
  const said: Said = { text: 'one, two', calls: [], stop: 'stop-sequence', stopSequence: 'three', ...count };
  router.upstream.tell(answerOf('anthropic-messages', said, stream));
  const asked = { ...question('anthropic-messages', 'anthropic-messages', stream), stop_sequences: ['three'] };
  expect(await heardBy('anthropic-messages', await router.ask('anthropic-messages', asked), stream)).toEqual(said);

  const { stopSequence: _, ...unnamed } = said;
  const chat = { ...question('openai-chat', 'anthropic-messages', stream), stop: 'three' };
  expect(await heardBy('openai-chat', await router.ask('openai-chat', chat), stream)).toEqual({ ...unnamed, stop: 'end' });
  expect(router.upstream.asked.at(-1)?.body['stop_sequences']).toEqual(['three']);
});

test.each([false, true])(
  'a chat target that was told which tool to call ends with stop, and the others hear a call (stream: %s)',
  async (stream) => {
    const told = answerOf('openai-chat', { text: '', calls: [weather], stop: 'tool-calls', ...count }, stream);
    const ended = (body: string): string => body.replace('"finish_reason":"tool_calls"', '"finish_reason":"stop"');
    for (const caller of ['openai-responses', 'anthropic-messages'] as const) {
      router.upstream.tell({ body: typeof told.body === 'string' ? ended(told.body) : told.body.map(ended) });
      const response = await router.ask(caller, question(caller, 'openai-chat', stream));

      expect(await heardBy(caller, response, stream)).toMatchObject({ stop: 'tool-calls', calls: [weather] });
    }
  },
);
