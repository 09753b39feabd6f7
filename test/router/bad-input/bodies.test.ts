// Bodies at the edge of what is JSON, and members that nobody here reads.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DialectName, type DialectRouter, paths, startDialectRouter, token } from '../dialects/dialect-router.js';

let router: DialectRouter;
beforeAll(async () => {
  router = await startDialectRouter();
});
afterAll(async () => router.stop());

const bodies: Readonly<Record<DialectName, Record<string, unknown>>> = {
  'openai-chat': { model: 'openai-chat', messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { model: 'openai-responses', input: 'hi' },
  'anthropic-messages': { model: 'anthropic-messages', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
};
const every = Object.keys(bodies) as DialectName[];
const withText = (dialect: DialectName, text: string): string => JSON.stringify(bodies[dialect]).replace('{', `{${text},`);

async function codeFor(dialect: DialectName, body: string | Uint8Array<ArrayBuffer>): Promise<unknown> {
  const answer = await router.askText(dialect, body);
  return ((await answer.json()) as { error?: { code: string } }).error?.code ?? answer.status;
}

test.each(every)('what is no JSON object is no body of %s', async (dialect) => {
  const whole = JSON.stringify(bodies[dialect]);
  const texts = [
    '',
    ' ',
    'null',
    'true',
    '1',
    '"text"',
    '[]',
    '{',
    whole.slice(0, -1),
    `${whole}x`,
    `${whole}${whole}`,
    `\ufeff${whole} ,`,
  ];
  const odd = ["{'model':1}", '{"model":NaN}', '{"a":01}', '{"a":"\n"}', '{"a":"\\x"}', '{"a":1,}', '{/**/}', '\0', '{"a":"\\ud8"}'];
  const deep = (levels: number): string => withText(dialect, `"deep":${'['.repeat(levels)}${']'.repeat(levels)}`);
  for (const text of [...texts, ...odd, deep(250), deep(200_000), withText(dialect, `"deep":${'{"a":'.repeat(9999)}1${'}'.repeat(9999)}`)])
    expect(await codeFor(dialect, text), text.slice(0, 80)).toBe('invalid-body');
});

test.each(every)('bytes that are no UTF-8 are no body of %s, and are not mended into one', async (dialect) => {
  const asLatin1 = (text: string) => new Uint8Array(Buffer.from(JSON.stringify(bodies[dialect]).replace('"hi"', `"${text}"`), 'latin1'));
  for (const text of ['\xff', 'gr\xfc\xdfe', '\xc3', '\xed\xa0\x80', '\xf5\x80\x80\x80', '\xc0\xaf'])
    expect(await codeFor(dialect, asLatin1(text)), JSON.stringify(text)).toBe('invalid-body');
  expect(await codeFor(dialect, asLatin1('\xc3\xbc'))).not.toBe('invalid-body');
});

test.each(every)('a compressed body of %s is refused for that, and nobody is asked', async (dialect) => {
  const before = router.upstream.asked.length;
  const whole = JSON.stringify(bodies[dialect]);
  const answers = [
    ['gzip', new Uint8Array(gzipSync(whole))],
    ['GZIP', whole],
    ['identity, br', whole],
    ['identity', whole],
  ] as const;
  const heard: unknown[] = [];
  for (const [encoding, body] of answers)
    for (const path of [paths[dialect], '/v1/messages/count_tokens']) {
      const headers = { authorization: `Bearer ${token}`, 'content-encoding': encoding };
      const answer = await fetch(`${router.url}${path}`, { method: 'POST', headers, body });
      const { error } = (await answer.json()) as { error?: { code: string; message: string } };
      heard.push([encoding, path, error?.code === 'invalid-body' ? error.message : 'read']);
    }

  const told = 'the request body is compressed or encoded otherwise; send it without Content-Encoding';
  expect(heard).toEqual(
    answers.flatMap(([encoding]) =>
      [paths[dialect], '/v1/messages/count_tokens'].map((path) => [encoding, path, encoding === 'identity' ? 'read' : told]),
    ),
  );
  expect(router.upstream.asked.length).toBeLessThanOrEqual(before + 1);
});

test.each([
  ['openai-chat', 'messages'],
  ['openai-responses', 'input'],
  ['anthropic-messages', 'messages'],
  ['anthropic-messages', 'max_tokens'],
] as const)('a body of %s without "%s" is refused by that name, and nobody is asked', async (dialect, member) => {
  const before = router.upstream.asked.length;
  for (const missing of [undefined, null]) {
    const answer = await router.ask(dialect, { ...bodies[dialect], [member]: missing });

    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { code: 'invalid-request', message: expect.stringContaining(`"${member}"`) } },
    ]);
  }
  expect(router.upstream.asked.length).toBe(before);
});

test.each(every)('members that nobody here knows are passed on to a target of %s as they are', async (dialect) => {
  const more = { x_unknown: { deep: [1, null, { a: 'b' }] }, x_text: 'Grüße 🦊', x_null: null, x_number: 0.1 };
  await (await router.ask(dialect, { ...bodies[dialect], ...more })).text();

  expect(router.upstream.asked.at(-1)?.body).toMatchObject(more);
});

test.each(every)('of a member of %s that comes twice the last one counts, for the router and for the target alike', async (dialect) => {
  const body = withText(dialect, '"model":"gone","stream":"not a flag"').replace(/\}$/, ',"stream":false}');
  await (await router.askText(dialect, body)).text();

  expect(router.upstream.asked.at(-1)?.body).toMatchObject({ model: 'provider-model', stream: false });
});

test.each(every)('a member of %s that is named like a part of every object is a member like any other', async (dialect) => {
  await (await router.askText(dialect, withText(dialect, '"__proto__":{"stream":true},"constructor":{"prototype":1}'))).text();

  expect(JSON.stringify(router.upstream.asked.at(-1)?.body)).not.toContain('"stream":true,');
  expect(({} as { stream?: unknown }).stream).toBeUndefined();
});
