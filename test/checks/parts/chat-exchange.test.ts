// Exchanges that real providers had and others published: what our own router sends can never prove that we read others right.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chat } from '../../../checks/chat.js';
import { askCheck, openRoom, startServer } from '../check-room.js';

interface Exchange {
  readonly source: string;
  /** The check that reads it; null for those that are the router's alone. */
  readonly check: string | null;
  readonly stream: boolean;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly events?: readonly string[];
  readonly expect: { readonly deltas: number | null; readonly usage: object; readonly finishReason: string; readonly answerChars: number };
}

const room = openRoom();
const directory = new URL('../../../fixtures/exchanges/', import.meta.url);

const read = (file: string): Exchange => JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Exchange;

test.each(readdirSync(directory).filter((file) => read(file).check === 'chat'))('%s is read as its provider meant it', async (file) => {
  const exchange = read(file);
  expect(exchange.source).toMatch(/\S+\/\S+, \S+/);
  const url = await startServer({
    '/v1/chat/completions': (_, response) => {
      response.writeHead(exchange.status, { ...exchange.headers, 'x-request-id': 'r' });
      response.end(exchange.body ?? exchange.events?.map((event) => `data: ${event}\n\n`).join(''));
    },
  });
  const { verdict, observation } = await askCheck(
    chat,
    { model: 'm', stream: exchange.stream },
    room,
    room.context(room.target({}, { url })),
  );
  expect(verdict.status).toBe('pass');
  const { usage, finishReason, answerChars, deltas } = exchange.expect;
  expect(observation).toMatchObject({
    requests: [{ usage, finishReason, answerChars, streamed: deltas === null ? null : { deltas, marker: true, fault: null } }],
  });
});
