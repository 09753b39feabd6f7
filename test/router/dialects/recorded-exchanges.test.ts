// Answers that real providers gave and others published, passed on to a caller of every dialect: what we write ourselves can never
// prove that we read others right.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DialectName, type DialectRouter, dialects, startDialectRouter } from './dialect-router.js';
import { heardBy } from './heard.js';
import type { Said } from './said.js';

interface Exchange {
  readonly source: string;
  readonly dialect?: DialectName;
  readonly stream: boolean;
  readonly body?: string;
  readonly events?: readonly string[];
  readonly expect: Said | { readonly error: string };
}

const directory = new URL('../../../fixtures/exchanges/', import.meta.url);
const read = (file: string): Exchange => JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Exchange;
const files = readdirSync(directory).filter((file) => read(file).dialect !== undefined);
let router: DialectRouter;

beforeAll(async () => {
  router = await startDialectRouter();
});
afterAll(async () => router.stop());

const asks: Readonly<Record<DialectName, object>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 },
};

function told(exchange: Exchange): string | string[] {
  if (exchange.body !== undefined) return exchange.body;
  return (exchange.events ?? []).map((data) => {
    const event = exchange.dialect === 'openai-chat' ? '' : `event: ${(JSON.parse(data) as { type: string }).type}\n`;
    return `${event}data: ${data}\n\n`;
  });
}

test.each(files.flatMap((file) => dialects.map((caller) => [file, caller] as const)))(
  '%s is heard by a caller of %s',
  async (file, caller) => {
    const exchange = read(file);
    const target = exchange.dialect ?? 'openai-chat';
    expect(exchange.source).toMatch(/\S/);
    router.upstream.tell({ body: told(exchange) });
    const usage = caller === 'openai-chat' && exchange.stream ? { stream_options: { include_usage: true } } : {};
    const response = await router.ask(caller, { model: target, ...asks[caller], ...(exchange.stream ? { stream: true } : {}), ...usage });
    if ('error' in exchange.expect) {
      expect(await response.text()).toContain(`"code":"${exchange.expect.error}"`);
      return;
    }
    if (caller === target) {
      const expected = told(exchange);
      expect(await response.text()).toBe(typeof expected === 'string' ? expected : expected.join(''));
      return;
    }
    expect(await heardBy(caller, response, exchange.stream)).toEqual(exchange.expect);
    expect(await router.row(response)).toMatchObject({ input_tokens: exchange.expect.input, output_tokens: exchange.expect.output });
  },
);

test('every dialect has recorded streams', () => {
  for (const dialect of dialects) expect(files.some((file) => read(file).dialect === dialect && read(file).stream)).toBe(true);
});
