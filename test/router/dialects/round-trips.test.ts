// Whatever is asked or answered survives being written in a dialect and read back from it, and no body makes a reader do anything but
// read or refuse.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ask, Part, Reply, ReplyEvent, Turn } from '../../../src/router/dialects/conversation.js';
import { dialects as spoken } from '../../../src/router/dialects/dialects.js';
import { GatewayError } from '../../../src/router/gateway-error.js';
import { type DialectName, dialects } from './dialect-router.js';

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const name = fc.stringMatching(/^[\w-]{1,20}$/);
const jsonObject = fc
  .dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.integer(), fc.boolean(), words), { maxKeys: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
const textPart = words.map((text) => ({ kind: 'text' as const, text }));
const imagePart = fc
  .base64String({ minLength: 4, maxLength: 8 })
  .map((base64) => ({ kind: 'image' as const, mediaType: 'image/png', base64, detail: null }));
const content = fc.array(fc.oneof(textPart, imagePart), { minLength: 1, maxLength: 3 });

/** Somebody says something; the model answers and may call tools, whose results come next. */
const exchange = fc
  .record({
    before: fc.array(
      words.map((text): Turn => ({ role: 'system', parts: [{ kind: 'text', text }] })),
      { maxLength: 1 },
    ),
    asked: content,
    answered: fc.array(textPart, { maxLength: 2 }),
    calls: fc.uniqueArray(fc.record({ id: name, name, input: jsonObject, result: fc.array(textPart, { minLength: 1, maxLength: 2 }) }), {
      maxLength: 3,
      selector: ({ id }) => id,
    }),
  })
  .map(({ before, asked, answered, calls }): Turn[] => {
    const made = calls.map(({ id, name: tool, input }): Part => ({ kind: 'tool-call', id, name: tool, arguments: JSON.stringify(input) }));
    const results = calls.map(({ id, result }): Part => ({ kind: 'tool-result', callId: id, content: result, failed: false }));
    const turns: Turn[] = [...before, { role: 'user', parts: asked }];
    if (answered.length + made.length > 0) turns.push({ role: 'assistant', parts: [...answered, ...made] });
    if (results.length > 0) turns.push({ role: 'user', parts: results });
    return turns;
  });

const tool = fc.record({
  name,
  description: fc.option(words, { nil: null }),
  parameters: jsonObject.map((properties) => ({ type: 'object', properties })),
  strict: fc.boolean(),
  origin: fc.constant(null),
});

const choiceOf = (tools: readonly { readonly name: string }[]) =>
  fc.oneof(
    fc.constantFrom('auto' as const, 'none' as const, 'required' as const),
    fc.constantFrom(...tools.map((each) => ({ name: each.name }))),
  );

const ask = fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: (each) => each.name }).chain((tools) =>
  fc.record({
    model: fc.constant('m'),
    stream: fc.boolean(),
    turns: fc.array(exchange, { minLength: 1, maxLength: 3 }).map((turns) => turns.flat()),
    tools: fc.constant(tools),
    toolChoice: choiceOf(tools),
    parallelTools: fc.constantFrom(null, false),
    maxTokens: fc.integer({ min: 1, max: 4096 }),
    temperature: fc.option(fc.constantFrom(0, 0.3, 1), { nil: null }),
    topP: fc.option(fc.constantFrom(0.1, 1), { nil: null }),
    stop: fc.array(words, { maxLength: 2 }),
    outputFormat: fc.option(
      jsonObject.map((schema) => ({ name: 'answer', schema, strict: true })),
      { nil: null },
    ),
  }),
);

const target = { model: 'm', outputTokenField: 'max_tokens', maxOutputTokens: 4096, omitHostedTools: false } as const;

/** What a conversation says, whatever messages it was cut into: texts of one speaker in a row are one, and results come first. */
function told(turns: readonly Turn[]): unknown {
  const system = turns
    .flatMap(({ role, parts }) => (role === 'system' ? parts : []))
    .map((part) => (part.kind === 'text' ? part.text : ''));
  const rounds: { role: string; parts: Part[] }[] = [];
  for (const { role, parts } of turns) {
    if (role === 'system') continue;
    const last = rounds.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else rounds.push({ role, parts: [...parts] });
  }
  return { system: system.join('\n\n'), rounds: rounds.map(({ role, parts }) => ({ role, parts: flat(parts) })) };
}

function flat(parts: readonly Part[]): unknown[] {
  const told: unknown[] = [];
  const results = parts.filter(({ kind }) => kind === 'tool-result');
  for (const part of [...results, ...parts.filter(({ kind }) => kind !== 'tool-result')]) {
    const last = told.at(-1) as { kind: string; text: string } | undefined;
    if (part.kind === 'text' && last?.kind === 'text') last.text += `\n\n${part.text}`;
    else if (part.kind === 'tool-call') told.push({ ...part, arguments: JSON.parse(part.arguments) as unknown });
    else if (part.kind === 'tool-result') told.push({ kind: part.kind, callId: part.callId, content: flat(part.content) });
    // The Responses dialect always says how closely to look.
    else told.push(part.kind === 'image' ? { ...part, detail: null } : { ...part });
  }
  return told;
}

describe.each(dialects)('%s', (dialect) => {
  const other = dialects.find((each) => each !== dialect) as DialectName;

  test('an ask of another dialect survives', () => {
    fc.assert(
      fc.property(ask, (asked) => {
        const lists = { answers: 1, nativeOnly: [], keptImage: false, hostedTools: [], advisory: [] };
        const given: Ask = { dialect: other, body: {}, wantsStreamUsage: true, ...asked, ...lists };
        const written = JSON.parse(JSON.stringify(spoken[dialect].writeAsk(given, target))) as Record<string, unknown>;
        const read = spoken[dialect].readAsk(written);

        expect(told(read.turns)).toEqual(told(asked.turns));
        const parallel = dialect === 'anthropic-messages' && asked.toolChoice === 'none' ? null : asked.parallelTools;
        const stop = dialect === 'openai-responses' ? [] : asked.stop;
        expect({ ...read, turns: null, body: null, wantsStreamUsage: null }).toEqual({
          ...asked,
          ...{ dialect, turns: null, body: null, wantsStreamUsage: null, parallelTools: parallel, stop },
          ...lists,
        });
      }),
      { numRuns: 300 },
    );
  });

  const call = fc.record({ id: name, name, input: jsonObject });
  const reply = fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 20 }),
    calls: fc.uniqueArray(call, { maxLength: 3, selector: ({ id }) => id }),
    usage: fc.record({
      input: fc.nat(9999),
      output: fc.nat(9999),
      reasoning: fc.constant(0),
      cached: fc.constant(0),
      billed: fc.constant(null),
    }),
  });
  const frameFor = (given: { readonly wantsStreamUsage: boolean }) => ({
    requestId: 'req_0123',
    model: 'm',
    createdS: 1,
    ask: { ...spoken['openai-responses'].readAsk({ model: 'm', input: 'x' }), ...given },
  });
  const partsOf = ({ text, calls }: { text: string; calls: readonly { id: string; name: string; input: object }[] }): Reply['parts'] => [
    ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
    ...calls.map(({ id, name: tool, input }) => ({ kind: 'tool-call' as const, id, name: tool, arguments: JSON.stringify(input) })),
  ];

  test('a whole answer survives', () => {
    fc.assert(
      fc.property(reply, (given) => {
        const parts = partsOf(given);
        const stop = given.calls.length > 0 ? 'tool-calls' : 'end';
        const answer: Reply = { parts, stop, stopSequence: null, usage: given.usage };
        expect(spoken[dialect].readReply(spoken[dialect].writeReply(answer, frameFor({ wantsStreamUsage: true })))).toEqual(answer);
      }),
      { numRuns: 200 },
    );
  });

  test('a streamed answer survives, however its provider interleaved the arguments of its calls', () => {
    fc.assert(
      fc.property(reply, fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), (given, order) => {
        const writer = spoken[dialect].streamWriter(frameFor({ wantsStreamUsage: true }));
        let text = '';
        for (const event of interleaved(given, order)) text += writer.write(event);
        text += writer.finish();
        const reader = spoken[dialect].streamReader(frameFor({ wantsStreamUsage: true }).ask);
        let said = '';
        const calls = new Map<string, { name: string; json: string }>();
        let ends = 0;
        let usage: unknown = null;
        for (const each of text.split('\n\n').filter((event) => event !== '')) {
          const data = each.slice(each.indexOf('data: ') + 6);
          for (const event of reader.read({ text: each, data }).events) {
            if (event.type === 'text') said += event.text;
            else if (event.type === 'tool-start') calls.set(event.id, { name: event.name, json: '' });
            else if (event.type === 'tool-arguments') (calls.get(event.id) ?? { json: '' }).json += event.fragment;
            else if (event.type === 'usage') usage = event.usage;
            else ends += 1;
          }
        }
        expect([said, ends, reader.ended, usage]).toEqual([given.text, 1, true, given.usage]);
        const heard = [...calls].map(([id, { name: tool, json }]) => ({
          id,
          name: tool,
          input: JSON.parse(json === '' ? '{}' : json) as unknown,
        }));
        expect(heard).toEqual(given.calls);
      }),
      { numRuns: 300 },
    );
  });

  test('any JSON as a body, or in place of a member, is read or refused with a sentence of ours', () => {
    const valid = {
      ...(dialect === 'openai-responses' ? { input: [{ role: 'user', content: 'x' }] } : { messages: [{ role: 'user', content: 'x' }] }),
    };
    const members = [
      'model',
      'messages',
      'input',
      'tools',
      'tool_choice',
      'stream',
      'system',
      'text',
      'include',
      'response_format',
      'stop',
      'thinking',
      'output_config',
      'instructions',
    ];
    const strange = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...members), strange, { maxKeys: 4 }), strange, (body, element) => {
        const wrapped = [
          body,
          { ...body, messages: [element], input: [element] },
          { ...body, messages: [{ role: 'user', content: [element] }] },
        ];
        for (const each of wrapped) {
          try {
            spoken[dialect].readAsk({ model: 'm', ...valid, ...each });
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
            expect((error as GatewayError).status).toBe(400);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Text first, as everywhere; then the calls with their arguments in pieces, in any order that keeps the pieces of each in theirs. */
function interleaved(
  given: { text: string; calls: readonly { id: string; name: string; input: object }[]; usage: unknown },
  order: readonly number[],
): ReplyEvent[] {
  const events: ReplyEvent[] = given.text === '' ? [] : [{ type: 'text', text: given.text }];
  const waiting = given.calls.map(({ id, input }) => {
    const json = JSON.stringify(input);
    return { id, pieces: json.match(/[\s\S]{1,3}/g) ?? [] };
  });
  for (const { id, name: tool } of given.calls) events.push({ type: 'tool-start', id, name: tool });
  for (let turn = 0; waiting.some(({ pieces }) => pieces.length > 0); turn += 1) {
    const open = waiting.filter(({ pieces }) => pieces.length > 0);
    const chosen = open[(order[turn % order.length] ?? 0) % open.length];
    const fragment = chosen?.pieces.shift();
    if (chosen !== undefined && fragment !== undefined) events.push({ type: 'tool-arguments', id: chosen.id, fragment });
  }
  events.push({ type: 'end', stop: given.calls.length > 0 ? 'tool-calls' : 'end', stopSequence: null });
  return [...events, { type: 'usage', usage: given.usage as never }];
}
