// Providers that answer in ways that no vendor publishes: what of it the caller hears, and whether another target is asked.
import { expect, onTestFinished, test } from 'vitest';
import { startToldUpstream, type ToldUpstream } from './dialects/told-upstream.js';
import { ask, type RouterSettings, type StartedRouter, startRouter } from './started-router.js';

async function beforeTold(settings: RouterSettings = {}): Promise<{ router: StartedRouter; told: ToldUpstream }> {
  const told = await startToldUpstream();
  const router = await startRouter({ baseUrl: `${told.url}/v1`, ...settings });
  onTestFinished(async () => {
    await router.stop();
    await told.stop();
  });
  return { router, told };
}

const farDate = 'Fri, 31 Dec 2100 23:59:59 GMT';

test('what a provider says in Retry-After reaches the caller as seconds, at most an hour, or not at all', async () => {
  const said: readonly (readonly [string, string | null])[] = [
    ['7', '7'],
    ['7 ', '7'],
    ['3600', '3600'],
    ['3601', '3600'],
    ['99999999999', '3600'],
    ['9'.repeat(400), '3600'],
    [farDate, '3600'],
    ['abc', null],
    ['3 seconds', null],
    ['-3', null],
    ['2, 3', null],
    ['1e3', null],
    ['2030-01-01', null],
  ];
  const { router, told } = await beforeTold();
  const heard: unknown[] = [];
  for (const [value] of said) {
    // A status after which the target is not left alone.
    told.tell({ status: 400, headers: { 'retry-after': value }, body: '{}' });
    for (const stream of [false, true]) {
      const answer = await router.chat(ask('hi', { stream }));
      await answer.text();
      heard.push([value, stream, answer.headers.get('retry-after')]);
    }
  }

  expect(heard).toEqual(said.flatMap(([value, seconds]) => [false, true].map((stream) => [value, stream, seconds])));
});

test('a Retry-After with a blank behind it is obeyed', async () => {
  const { router, told } = await beforeTold();
  told.tell({ status: 429, headers: { 'retry-after': '70 ' }, body: '{}' });
  const limited = await router.chat(ask('hi'));
  const passedBy = await router.chat(ask('hi'));

  expect([limited.headers.get('retry-after'), await limited.json()]).toMatchObject(['70', { error: { code: 'upstream-rate-limited' } }]);
  expect(await passedBy.json()).toMatchObject({ error: { details: { attempts: 0, error_class: 'retry_after' } } });
  expect(told.asked).toHaveLength(1);
});

test('a redirect is no answer: the next target is asked, plain and streamed', async () => {
  const { told, router } = await beforeTold();
  const odd = await beforeTold({
    config: {
      providers: {
        odd: { base_url: `${told.url}/v1`, models: { it: { model: 'odd' } } },
        usual: { base_url: `${router.upstream.url}/v1`, api_key_env: 'PRIMARY_API_KEY', models: { it: { model: 'echo-1' } } },
      },
      models: { small: { strategy: 'failover', targets: ['odd', 'usual'].map((provider) => ({ provider, model_ref: 'it' })) } },
      upstream: { breaker: { failures: 1000 } },
    },
  });
  for (const status of [300, 301, 302, 303, 304, 307, 308])
    for (const stream of [false, true]) {
      told.tell({ status, headers: { location: '/v1/elsewhere' }, body: '' });
      const answer = await odd.router.chat(ask('hi', { stream }));
      const text = await answer.text();
      const id = answer.headers.get('x-request-id');

      expect([status, answer.status], text).toEqual([status, 200]);
      expect(await odd.router.row(id)).toMatchObject({ attempts: 2, target_provider: 'usual' });
      expect(odd.router.table('request_attempts', id)[0]).toMatchObject({
        status_code: status,
        error_class: 'upstream_bad_answer',
        retryable: 1,
      });
    }
});

test('an event of a stream that is too large is no answer: the next target is asked', async () => {
  const { told, router } = await beforeTold();
  const models = { it: { model: 'echo-1' } };
  const both = await beforeTold({
    config: {
      providers: {
        odd: { base_url: `${told.url}/v1`, models },
        usual: { base_url: `${router.upstream.url}/v1`, api_key_env: 'PRIMARY_API_KEY', models },
      },
      models: { small: { strategy: 'failover', targets: ['odd', 'usual'].map((provider) => ({ provider, model_ref: 'it' })) } },
    },
  });
  told.tell({ body: [`data: ${'x'.repeat(17 * 1024 * 1024)}`] });
  const answer = await both.router.chat(ask('hi', { stream: true }));
  const text = await answer.text();
  const id = answer.headers.get('x-request-id');

  expect([answer.status, text.slice(-200)]).toEqual([200, expect.stringContaining('[DONE]')]);
  expect(await both.router.row(id)).toMatchObject({ attempts: 2, target_provider: 'usual' });
  expect(both.router.table('request_attempts', id)[0]).toMatchObject({ error_class: 'upstream_bad_answer', retryable: 1 });
});

const completion = JSON.stringify({ choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }] });
const stream = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;

test('a provider is asked for an answer without encoding, and one that encodes all the same is told so', async () => {
  const { router, told } = await beforeTold({ config: { upstream: { breaker: { failures: 1000 } } } });
  for (const body of [completion, [stream]])
    for (const encoding of ['gzip', 'br', 'identity, gzip', 'identity', 'Identity']) {
      told.tell({ headers: { 'content-encoding': encoding }, body });
      const answer = await router.chat(ask('hi', { stream: typeof body !== 'string' }));
      const text = await answer.text();
      const row = router.table('request_attempts', (await router.row(answer.headers.get('x-request-id'))).request_id)[0];

      expect(told.asked.at(-1)?.headers['accept-encoding']).toBe('identity');
      if (encoding.toLowerCase() === 'identity') expect([answer.status, text]).toEqual([200, typeof body === 'string' ? body : stream]);
      else {
        expect([encoding, answer.status]).toEqual([encoding, 502]);
        expect(text).toContain('the upstream answered in an encoding that was not asked for');
        expect(row).toMatchObject({ status_code: 200, error_class: 'upstream_bad_answer', retryable: 1 });
      }
    }
});
