// What the pages of the lab say about answers is compared with answers of a real router, member by member, in both directions.
import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { invalidFilter } from '../../src/router/reports/report-period.js';
import { firstCells, page, section, tableUnder, words } from './lab-pages.js';
import { licensedRouter } from './license/licensed-router.js';
import { limited, limitedRouter } from './limits/limited-router.js';
import { ask, type StartedRouter, startRouter, tokens } from './started-router.js';

type Members = Readonly<Record<string, unknown>>;

const json = async (answer: Promise<Response>): Promise<Members> => (await (await answer).json()) as Members;
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Members, and those of an object inside as `outer.inner`. */
const paths = (answer: Members): string[] =>
  Object.entries(answer).flatMap(([name, value]) => (isObject(value) ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name]));
const documented = (of: string): string[] => listed('endpoints', 'Answers', `member of ${of}`);
const listed = (name: string, title: string, head: string): string[] =>
  firstCells(tableUnder(section(page(name), title), head)).flatMap((cell) => cell.split('`, `'));
const reload = (router: StartedRouter): Promise<Response> =>
  fetch(`${router.url}/config/reload`, { method: 'POST', headers: { authorization: `Bearer ${tokens.all}` } });

test('probes and the version have the members that the page lists, and no other', async () => {
  const { router } = await licensedRouter({});
  const paths = ['/healthz', '/readyz', '/version'];
  const well = await Promise.all(paths.map((path) => json(router.get(path))));
  writeFileSync(router.configPath, 'listen: []\n');
  await router.reload().catch(() => undefined);
  const reloadFailed = await json(router.get('/readyz'));
  rmSync(router.configPath);
  const unwell = await json(router.get('/readyz'));

  expect([reloadFailed['ok'], unwell['ok']]).toEqual([true, false]);
  expect(new Set(documented('`/healthz`, `/readyz`, `/version`'))).toEqual(
    new Set([...well, reloadFailed, unwell].flatMap((answer) => Object.keys(answer))),
  );
});

test('a listed model has the members that the page lists, and no other', async () => {
  const { router } = await licensedRouter({});
  const { data } = (await json(router.get('/v1/models', tokens.all))) as { data: [Members] };

  expect(documented('a model').toSorted()).toEqual(Object.keys(data[0]).toSorted());
});

test('the usage of a caller has the members that the page lists, and no other', async () => {
  const router = await limitedRouter({});

  expect(documented('`/v1/usage`').toSorted()).toEqual(paths(await json(router.get('/v1/usage', limited))).toSorted());
});

test('the status of the license has the members that the page lists, and no other', async () => {
  const { status } = await licensedRouter({});

  expect(documented('`/admin/license/status`').toSorted()).toEqual(paths(await status()).toSorted());
});

test('a reload answers the members that the page lists, and one that is refused the findings', async () => {
  const { router } = await licensedRouter({});
  const done = await json(reload(router));
  writeFileSync(router.configPath, 'listen: []\n');
  const refused = (await json(reload(router))) as { error: { details: { findings: string[] } } };

  expect(listed('endpoints', 'Reload', 'member').toSorted()).toEqual(Object.keys(done).toSorted());
  expect(refused.error.details.findings[0]).toMatch(new RegExp(`^${router.configPath}:1:9 listen: `));
});

test('the details of errors have the members that the page lists, and no other', async () => {
  const { router } = await licensedRouter({});
  const capped = await limitedRouter({ rate: { rpm: 1 }, budget: { day: { tokens: 1 } } });
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${router.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${tokens.all}` }, body: JSON.stringify(body) });
  const message = { model: 'small', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] };
  router.upstream.setFaults([{ status: 500 }]);
  const refusals = [
    await json(capped.chat(ask('x'), { token: limited })),
    await json(router.chat(ask('x'))),
    await json(post('/v1/messages', { ...message, container: 'kept' })),
    await json(post('/v1/messages', { ...message, thread: 'kept' })),
  ] as unknown as { error: { code: string; details: Members } }[];
  writeFileSync(router.configPath, 'listen: []\n');
  refusals.push((await json(reload(router))) as never);
  const rows = tableUnder(section(page('errors'), 'Details'), 'code')
    .split('\n')
    .slice(2);
  const found = (code: string): string[] =>
    rows
      .map((row) => row.split(' | '))
      .filter(([codes = '']) => words(codes).includes(code))
      .flatMap(([, details = '']) => words(details.split(':', 1)[0] ?? ''));

  expect(refusals.map(({ error }) => error.code)).toEqual([
    'quota-exhausted',
    'upstream-failed',
    'no-eligible-target',
    'thread-unsupported',
    'config-invalid',
  ]);
  for (const { error } of refusals) expect([error.code, found(error.code)]).toEqual([error.code, Object.keys(error.details)]);
  expect(found('invalid-report-filter')).toEqual(Object.keys(invalidFilter('since', 'is wrong').details ?? {}));
  expect(listed('errors', 'Details', 'member')).toEqual(found('upstream-failed'));
});

test('a caller plants no fault at the provider; a header or a model of the config does', async () => {
  const plain = await startRouter();
  const { url } = plain.upstream;
  const models = { small: { model: 'echo-1' }, large: { model: 'echo-1+status-429' } };
  const provider = (headers: Record<string, string>) => ({ base_url: `${url}/v1`, api_key_env: 'PRIMARY_API_KEY', headers, models });
  const wired = await startRouter({ config: { providers: { primary: provider({ 'x-lab-fault': 'status-503' }) } } });
  const spelt = await startRouter({ config: { providers: { primary: provider({}) } } });
  const seen = async (router: StartedRouter, more: object = {}): Promise<string | null> =>
    (await router.chat({ ...ask('x'), ...more }, { headers: { 'x-lab-fault': 'status-500' } })).headers.get('x-upstream-status');
  const faults = [await seen(plain), await seen(wired), await seen(spelt), await seen(spelt, { model: 'large' })];
  await Promise.all([plain, wired, spelt].map((router) => router.stop()));

  expect(faults).toEqual([null, '503', null, '429']);
});
