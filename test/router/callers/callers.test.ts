import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { ask, type StartedRouter, startRouter } from '../started-router.js';

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');

async function routerFor(callers: readonly Record<string, unknown>[]): Promise<StartedRouter> {
  const config = {
    callers: callers.map((caller) => ({ allow: ['*'], ...caller, token_sha256: sha256(`token-of-${String(caller['id'])}`) })),
  };
  const router = await startRouter({ config });
  onTestFinished(() => router.stop());
  return router;
}

const outcome = async (answer: Response): Promise<string> => {
  const { error } = (await answer.json()) as { error?: { code: string } };
  return `${answer.status} ${error?.code ?? 'ok'}`;
};

test.each([
  [{ status: 'active' }, '200 ok'],
  [{ status: 'disabled' }, '403 key-disabled'],
  [{ status: 'expired' }, '403 key-expired'],
  [{ status: 'rotated' }, '403 key-rotated'],
  [{ expires_at: '2020-01-01T00:00:00Z' }, '403 key-expired'],
  [{ expires_at: '2999-01-01T00:00:00+02:00' }, '200 ok'],
  [{ status: 'rotated', expires_at: '2020-01-01T00:00:00Z' }, '403 key-rotated'],
])('a caller with %j is answered %s on every path of the API', async (state, expected) => {
  const router = await routerFor([{ id: 'a', ...state }]);
  const token = 'token-of-a';
  const outcomes = [
    await outcome(await router.chat(ask('hi'), { token })),
    await outcome(await router.get('/v1/models', token)),
    await outcome(await router.get('/v1/usage', token)),
  ];

  expect(outcomes).toEqual([expected, expected, expected]);
  expect(router.upstream.counters.requests).toBe(expected === '200 ok' ? 1 : 0);
});

test('a caller expires while the router runs, at its moment', async () => {
  const router = await routerFor([{ id: 'a', expires_at: new Date(Date.now() + 1500).toISOString() }]);
  expect(await outcome(await router.chat(ask('hi'), { token: 'token-of-a' }))).toBe('200 ok');
  await new Promise((resolve) => setTimeout(resolve, 1600));

  expect(await outcome(await router.chat(ask('hi'), { token: 'token-of-a' }))).toBe('403 key-expired');
});

test.each([
  ['no token', {}],
  ['an unknown token', { authorization: 'Bearer nobody' }],
  ['the hash instead of the token', { authorization: `Bearer ${sha256('token-of-a')}` }],
  ['a token under another scheme', { authorization: 'Basic token-of-a' }],
  ['two words', { authorization: 'Bearer token-of-a more' }],
  ['an empty key', { 'x-api-key': '' }],
])('%s is 401', async (_, headers: Record<string, string>) => {
  const router = await routerFor([{ id: 'a' }]);

  expect(await outcome(await router.chat(ask('hi'), { token: null, headers }))).toBe('401 unauthorized');
  expect(router.upstream.counters.requests).toBe(0);
});

test.each([
  ['bearer in another spelling', { authorization: 'bEaReR token-of-b' }],
  ['X-API-Key', { 'x-api-key': 'token-of-b' }],
])('a token is taken as %s, and the row names its caller', async (_, headers: Record<string, string>) => {
  const router = await routerFor([{ id: 'a' }, { id: 'b', token_id: 'tok_b', user: 'bo', project: 'p', environment: 'e' }, { id: 'c' }]);
  const answer = await router.chat(ask('hi'), { token: null, headers });
  await answer.text();

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({
    caller_id: 'b',
    token_id: 'tok_b',
    caller_user: 'bo',
    caller_project: 'p',
    caller_environment: 'e',
  });
});

test('a model that is not on the list of a caller is refused before any upstream is asked, and so is one that does not exist', async () => {
  const router = await routerFor([{ id: 'a', allow: ['small'] }, { id: 'b' }]);
  const asked = (model: string, id: string): Promise<Response> => router.chat(ask('hi', { model }), { token: `token-of-${id}` });

  expect(await outcome(await asked('small', 'a'))).toBe('200 ok');
  expect(await outcome(await asked('large', 'a'))).toBe('403 model-not-allowed');
  // Whether a group exists is told only to who may use all of them.
  expect(await outcome(await asked('secret', 'a'))).toBe('403 model-not-allowed');
  expect(await outcome(await asked('secret', 'b'))).toBe('403 model-not-found');
  expect(router.upstream.counters.requests).toBe(1);
});

test('a refused model uses nothing up of a rate, and its name enters no row', async () => {
  const router = await routerFor([{ id: 'a', allow: ['small'], rate: { rpm: 1 } }]);
  for (let times = 0; times < 3; times += 1)
    expect(await outcome(await router.chat(ask('hi', { model: 'canary-model' }), { token: 'token-of-a' }))).toBe('403 model-not-allowed');
  expect(await outcome(await router.chat(ask('hi'), { token: 'token-of-a' }))).toBe('200 ok');

  while (router.rows().length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(JSON.stringify(router.rows())).not.toContain('canary-model');
});
