import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';
import { type ControlledFault, faultOfText, numberWords, plainWords } from '../../../src/router/lab/upstream-faults.js';
import { dataOf, say, spellings } from './upstream-spellings.js';

let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
beforeEach(() => upstream.setFaults([]));
afterAll(async () => upstream.stop());

const [chat] = spellings;
const turns = [{ user: 'reply with exactly: PONG PONG' }];
const headers = { authorization: 'Bearer key', 'anthropic-version': '2023-06-01' };

function ask(
  spelling: (typeof spellings)[number],
  model: string,
  { stream = false, more = {} }: { stream?: boolean; more?: Record<string, string> } = {},
): Promise<Response> {
  const body = JSON.stringify(spelling.body({ model, turns, stream }));
  return fetch(`${upstream.url}${spelling.path}`, { method: 'POST', headers: { ...headers, ...more }, body });
}

test('faults come by model name, by header and by the control endpoint, there a number of times', async () => {
  const faults = [{ status: 418, model: 'echo-1', times: 1 }];
  const control = await fetch(`${upstream.url}/control`, { method: 'POST', body: JSON.stringify({ faults }) });
  expect(await control.json()).toEqual({ faults: 1 });
  const answers = [
    await ask(chat, 'echo-1'),
    await ask(chat, 'echo-1'),
    await ask(chat, 'delay-1+status-429'),
    await ask(chat, 'echo-1', { more: { 'x-lab-fault': '{"status":503}' } }),
    await ask(chat, 'echo-1', { more: { 'x-lab-fault': 'status-504' } }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([418, 200, 429, 503, 504]);
});

test('faults hit the nth request that fits, or each nth, and only the dialect that they name', async () => {
  const statuses = async (count: number): Promise<number[]> => {
    const seen: number[] = [];
    for (let at = 0; at < count; at += 1) seen.push((await ask(chat, 'echo-1')).status);
    return seen;
  };

  upstream.setFaults([
    { status: 500, nth: 2 },
    { status: 503, every: 3 },
  ]);
  expect(await statuses(6)).toEqual([200, 500, 503, 200, 200, 503]);
  upstream.setFaults([{ status: 529, dialect: 'anthropic-messages' }]);
  expect([(await ask(chat, 'echo-1')).status, (await ask(spellings[2], 'echo-1')).status]).toEqual([200, 529]);
});

test('a fault may stand for every request of an upstream', async () => {
  const broken = await startScriptedUpstream({ fault: faultOfText('status-503+retry-9') });
  const answer = await fetch(`${broken.url}${chat.path}`, { method: 'POST', headers, body: JSON.stringify(chat.minimal) });
  await broken.stop();

  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '9']);
});

test.each(['staus-503', 'delay', '{"status":', ''])('the fault %j is refused where it is given by hand', (text) => {
  expect(() => faultOfText(text)).toThrow(/fault/);
});

describe.each(spellings)('in $name', (spelling) => {
  test('a status is answered with an error of the dialect', async () => {
    const answer = await ask(spelling, 'status-429+retry-7');
    const { error } = (await answer.json()) as { error: { type: string; message: string } };

    expect([answer.status, answer.headers.get('retry-after'), error.message]).toEqual([429, '7', 'a planned fault']);
    expect(error.type).toMatch(/rate_limit|requests/);
  });

  test.each(['cut-1', 'reset-1'])('%s breaks the connection in the middle of a stream and of a plain answer', async (model) => {
    const { canceled } = upstream.counters;
    const broken = async (stream: boolean): Promise<boolean> => {
      const answer = await ask(spelling, model, { stream });
      return answer.text().then(
        () => false,
        () => true,
      );
    };

    expect(await Promise.all([broken(true), broken(false)])).toEqual([true, true]);
    expect(upstream.counters.canceled).toBe(canceled);
  });

  test('a reset may come before the status line', async () => {
    await expect(ask(spelling, 'reset')).rejects.toThrow();
  });

  test('a stream may end in good order without its terminal event', async () => {
    const stream = await (await ask(spelling, 'end-2', { stream: true })).text();

    expect(stream).toMatch(/PO/);
    expect(stream).not.toMatch(/\[DONE\]|response\.completed|message_stop/);
  });

  test('a stream may hold an error event, of the kind that ends it or not', async () => {
    const last = async (model: string): Promise<unknown> => dataOf(await (await ask(spelling, model, { stream: true })).text()).at(-1);
    const seen = JSON.stringify([await last('error-1'), await last('failed-1')]);

    expect(seen).toMatch(
      {
        'openai-chat': /"error":\{.*"error":\{/,
        'openai-responses': /"error".*"response\.failed"/,
        'anthropic-messages': /overloaded_error/,
      }[spelling.name] ?? /never/,
    );
  });

  test('JSON may be malformed, streamed and plain', async () => {
    const stream = await (await ask(spelling, 'malformed-1', { stream: true })).text();
    const plain = await (await ask(spelling, 'malformed-0')).text();

    expect(() => dataOf(stream)).toThrow(SyntaxError);
    expect(() => JSON.parse(plain) as unknown).toThrow(SyntaxError);
  });

  test('a page of HTML may come instead of an answer', async () => {
    const answer = await ask(spelling, 'html', { stream: true });

    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/html',
      expect.stringContaining('<html>'),
    ]);
  });

  test('the cap may be exceeded, the counts left out, and the bill told', async () => {
    for (const stream of [false, true]) {
      const over = await say(upstream, spelling, { model: 'over-cap', turns, cap: 1, stream });
      const uncounted = await say(upstream, spelling, { model: 'no-usage', turns, stream });
      const billed = await say(upstream, spelling, { model: 'billed', turns, stream });

      expect([over.text, over.stop, over.usage?.output]).toEqual(['PONG PONG', 'end', 3]);
      expect([uncounted.text, uncounted.usage]).toEqual(['PONG PONG', null]);
      expect(billed.usage?.cost).toBeCloseTo(10 * 3.7e-6 + 3 * 11.3e-6, 12);
    }
  });

  test('an answer may wait before its headers, before its first piece, between pieces, and between any bytes', async () => {
    const leave = new AbortController();
    const soon = async (model: string, stream: boolean): Promise<string> => {
      const body = JSON.stringify(spelling.body({ model, turns, stream }));
      const answer = await fetch(`${upstream.url}${spelling.path}`, { method: 'POST', headers, body, signal: leave.signal });
      const { value } = (await answer.body?.getReader().read()) ?? {};
      return Buffer.from(value ?? []).toString('utf8');
    };
    const never = soon('delay-60000', true).then(
      () => 'answered',
      () => 'left',
    );
    const [first, between, drip] = await Promise.all([soon('first-60000', true), soon('pieces-60000', true), soon('drip-60000', false)]);
    while (upstream.counters.inFlight < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    leave.abort();

    expect(first).not.toMatch(/"(PON|delta":"PON|text":"PON)/);
    expect([between.length > 0, drip.length > 0, drip.includes('usage')]).toEqual([true, true, false]);
    expect(await never).toBe('left');
    while (upstream.counters.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

test('the page lists every fault by its word and by its member, and no other', () => {
  const page = readFileSync(new URL('../../../docs/reference/lab/upstream.md', import.meta.url), 'utf8');
  const rows = [...(page.split('## Faults')[1] ?? '').matchAll(/^\| (?:`([a-z-]+?)(?:-\d+)?`)? ?\| `(\w+)` \|/gm)];
  const members: Record<keyof ControlledFault, true> = {
    ...{ delayMs: true, firstPieceDelayMs: true, pieceDelayMs: true, dripMs: true, status: true, retryAfterS: true, html: true },
    ...{ malformed: true, cut: true, end: true, reset: true, error: true, failed: true, overCap: true, withoutUsage: true, billed: true },
    ...{ headers: true, body: true, model: true, dialect: true, stream: true, nth: true, every: true, times: true },
  };

  expect(new Set(rows.flatMap(([, word]) => word ?? []))).toEqual(new Set([...Object.keys(numberWords), ...Object.keys(plainWords)]));
  expect(new Set(rows.map(([, , member]) => member))).toEqual(new Set(Object.keys(members)));
});
