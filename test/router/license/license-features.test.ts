import { expect, test } from 'vitest';
import { adminConfig, basic, callerTokens, cheapHash, cookieOf, errorCode, signIn, visit } from '../access/admin-room.js';
import { licensedRouter } from './licensed-router.js';

test.each([
  [['metrics'], 403, 'license-feature-forbidden'],
  [['metrics', 'reports'], 200, undefined],
] as const)('an administrator sees reports only where the license includes them: %j', async (features, status, code) => {
  const settings = { config: adminConfig(), environment: { ROOT_PASSWORD_HASH: cheapHash } };
  const { router } = await licensedRouter({ features: [...features], limits: {} }, settings);
  const answer = await fetch(`${router.url}/admin/reports/api/summary`, { headers: basic('root') });
  const body = (await answer.json()) as { error?: { code: string } };

  expect([answer.status, body.error?.code]).toEqual([status, code]);
});

test('the license and the metrics are read by callers and administrators with a grant, and by nobody else', async () => {
  const grant = (subject: string, object: string, domain = '*') => ({ subject, domain, object, action: 'read' });
  const policy = [
    ...['admin:license', 'metrics'].flatMap((object) => [grant('basic:root', object), grant('caller:alpha-caller', object)]),
    ...['admin:license', 'metrics'].map((object) => grant('basic:ada', object, 'alpha/prod')),
    grant('basic:reader', 'admin:reports'),
  ];
  const settings = { config: adminConfig({ policy, roles: [] }), environment: { ROOT_PASSWORD_HASH: cheapHash } };
  const { router } = await licensedRouter({}, settings);
  const license = '/admin/license/status';
  const told = async (path: string, headers: Record<string, string>): Promise<unknown> => {
    const answer = await visit(router, path, { headers });
    return answer.status === 200 ? 200 : [answer.status, await errorCode(answer)];
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  for (const [path, forbidden] of [
    [license, 'admin-forbidden'],
    ['/metrics', 'metrics-forbidden'],
  ] as const) {
    expect(await told(path, basic('root'))).toBe(200);
    expect(await told(path, bearer(callerTokens.alpha))).toBe(200);
    for (const headers of [basic('ada'), basic('reader'), bearer(callerTokens.beta)])
      expect(await told(path, headers)).toEqual([403, forbidden]);
    expect(await told(path, basic('root', 'wrong'))).toEqual([401, 'unauthorized']);
    expect(await told(path, {})).toEqual([401, 'unauthorized']);
  }
  const session = cookieOf(await signIn(router, 'root'));
  expect(await told(license, session)).toBe(200);
  expect(await told(license, { ...session, ...bearer(callerTokens.beta) })).toEqual([403, 'admin-forbidden']);
  const { headers } = await visit(router, license);
  expect([headers.get('www-authenticate'), headers.get('cache-control')]).toEqual([expect.stringMatching(/^Basic realm=/), 'no-store']);
});
