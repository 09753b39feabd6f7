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
