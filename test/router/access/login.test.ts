import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { hashPassword, isPassword, parsePasswordHash } from '../../../src/router/access/password-hash.js';
import type { StartedRouter } from '../started-router.js';
import {
  adminConfig,
  basic,
  callerTokens,
  cheapHash,
  cookieOf,
  errorCode,
  password,
  signIn,
  startAdminRouter,
  visit,
} from './admin-room.js';

let router: StartedRouter;
beforeAll(async () => {
  router = await startAdminRouter({ attempts: { max: 1000 } });
});
afterAll(() => router.stop());

const me = (headers: Record<string, string> = {}): Promise<Response> => visit(router, '/admin/auth/me', { headers });
const form = (fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  visit(router, '/admin/auth/login', {
    method: 'POST',
    headers: { accept: 'text/html,*/*', ...headers },
    body: new URLSearchParams(fields),
  });

test('a login answers with a session that only its browser can show, and logout ends it', async () => {
  const login = await signIn(router, 'ada');
  const cookie = login.headers.getSetCookie();

  expect([login.status, await login.json()]).toMatchObject([200, { username: 'ada', subject: 'basic:ada', by: 'session' }]);
  expect(cookie).toEqual([expect.stringMatching(/^router-admin=[\w-]{43}; Path=\/admin; Max-Age=28800; HttpOnly; SameSite=Strict$/)]);
  expect(await (await me(cookieOf(login))).json()).toMatchObject({
    username: 'ada',
    reports: { read: ['alpha/prod'], export: [], drilldown: ['alpha/prod'] },
  });

  const logout = await visit(router, '/admin/auth/logout', { method: 'POST', headers: cookieOf(login) });
  expect([logout.status, logout.headers.getSetCookie()[0]]).toEqual([200, expect.stringContaining('Max-Age=0')]);
  expect((await me(cookieOf(login))).status).toBe(401);
});

test('HTTP Basic shows an identity too, and without one the answer says how', async () => {
  const [known, wrong, none] = [await me(basic('root')), await me(basic('root', 'guess')), await me()];

  expect(await known.json()).toMatchObject({ username: 'root', by: 'basic', reports: { read: '*', export: '*', drilldown: '*' } });
  for (const refused of [wrong, none]) {
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="router reports", charset="UTF-8"']);
    expect(await errorCode(refused)).toBe('unauthorized');
  }
});

test.each([
  ['a user who does not exist', { username: 'eve', secret: password }],
  ['a wrong password', { username: 'ada', secret: 'wrong' }],
  ['an empty password', { username: 'ada', secret: '' }],
  ['a name of the language itself', { username: '__proto__', secret: password }],
])('%s is refused in the same words', async (_, { username, secret }) => {
  const refused = await signIn(router, username, secret);

  expect([refused.status, await refused.json()]).toMatchObject([401, { error: { message: 'the user name or the password is wrong' } }]);
  expect(refused.headers.getSetCookie()).toEqual([]);
});

test('the form signs in and goes on to a page of the reports, and nowhere else', async () => {
  const wanted = await form({ username: 'ada', password, next: '/admin/reports/requests?since=7d' });
  const foreign = await Promise.all(
    ['https://elsewhere.test/', '//elsewhere.test', '/admin/reports//elsewhere.test', '/admin/reports/\\elsewhere', '/v1/models'].map(
      (next) => form({ username: 'ada', password, next }),
    ),
  );

  expect([wanted.status, wanted.headers.get('location')]).toEqual([303, '/admin/reports/requests?since=7d']);
  expect(foreign.map((answer) => answer.headers.get('location'))).toEqual(foreign.map(() => '/admin/reports/'));
});

test('a refused form is shown again, without a challenge that would open a dialogue over it, and without the password', async () => {
  const refused = await form({ username: 'ada', password: 'canary-password', next: '"><script>' });
  const text = await refused.text();

  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, null]);
  expect(text).toContain('role="alert"');
  expect(text).not.toContain('canary-password');
  expect(text).not.toContain('<script');
});

test.each([
  ['another site, as Fetch Metadata says', { 'sec-fetch-site': 'cross-site' }, 403],
  ['a sister domain', { 'sec-fetch-site': 'same-site' }, 403],
  ['another origin, of a browser without Fetch Metadata', { origin: 'https://elsewhere.test' }, 403],
  ['an origin that is hidden', { origin: 'null' }, 403],
  ['this router', { 'sec-fetch-site': 'same-origin' }, 200],
  ['a program', {}, 200],
])('a login and a logout from %s', async (_, headers: Record<string, string>, status) => {
  const login = await signIn(router, 'ada', password, headers);
  const logout = await visit(router, '/admin/auth/logout', { method: 'POST', headers: { ...headers, ...cookieOf(login) } });

  expect([login.status, logout.status]).toEqual([status, status]);
  expect(login.headers.getSetCookie()).toHaveLength(status === 200 ? 1 : 0);
});

test.each([
  ['no session', () => ({})],
  ['a password alone', () => basic('ada')],
  ['a session that never was', () => ({ cookie: `router-admin=${'A'.repeat(43)}` })],
])('a logout with %s ends nothing and says so, and a person comes to the form', async (_, shown: () => Record<string, string>) => {
  const program = await visit(router, '/admin/auth/logout', { method: 'POST', headers: shown() });
  const person = await visit(router, '/admin/auth/logout', { method: 'POST', headers: { accept: 'text/html', ...shown() } });

  expect([program.status, await errorCode(program)]).toEqual([401, 'unauthorized']);
  expect(program.headers.get('www-authenticate')).toMatch(/^Cookie realm=/);
  expect([person.status, person.headers.get('location')]).toEqual([303, '/admin/auth/login']);
});

test('a session is ended once', async () => {
  const shown = cookieOf(await signIn(router, 'ada'));
  const ends = [1, 2].map(async () => (await visit(router, '/admin/auth/logout', { method: 'POST', headers: shown })).status);

  expect((await Promise.all(ends)).sort()).toEqual([200, 401]);
});

test('a form that comes with a refusal says its code and the id of its answer', async () => {
  const limited = await startAdminRouter({ attempts: { max: 1 } });
  onTestFinished(() => limited.stop());
  const html = { accept: 'text/html' };
  const wrong = { method: 'POST', headers: html, body: new URLSearchParams({ username: 'ada', password: 'wrong' }) };
  const asked = await visit(limited, '/admin/auth/login', { headers: html });
  const unknown = await visit(limited, '/admin/reports/', { headers: html });
  const refused = [
    [await visit(limited, '/admin/auth/login', wrong), 401, 'unauthorized'],
    [await visit(limited, '/admin/auth/login', wrong), 429, 'login-limited'],
    [unknown, 401, 'unauthorized'],
  ] as const;

  for (const [answer, status, code] of refused) {
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(text).toContain(`<span class="code">${code}</span>`);
    expect(text).toContain(`<span class="code">${answer.headers.get('x-request-id')}</span>`);
    expect(text.includes('role="alert"')).toBe(answer !== unknown);
  }
  expect(await asked.text()).not.toContain('This answer is');
});

test('nothing of a session can be guessed from a cookie that is almost one', async () => {
  const { cookie = '' } = cookieOf(await signIn(router, 'ada'));
  const changed = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'E' : 'A'}`;

  expect((await me({ cookie: changed })).status).toBe(401);
  expect((await me({ cookie: `other=1; ${cookie}` })).status).toBe(200);
});

test('failed logins are counted by user and by address, a right password in between does not help, and the answer says when to come back', async () => {
  const limited = await startAdminRouter({ attempts: { max: 3, window_ms: 60_000 } });
  onTestFinished(() => limited.stop());
  const statuses: number[] = [];
  for (const secret of ['a', password, 'b', password, 'c', password]) statuses.push((await signIn(limited, 'ada', secret)).status);
  const other = await signIn(limited, 'root');
  const byBasic = await visit(limited, '/admin/auth/me', { headers: basic('root') });

  expect(statuses).toEqual([401, 200, 401, 200, 401, 429]);
  expect([other.status, byBasic.status, await errorCode(other)]).toEqual([429, 429, 'login-limited']);
  expect(Number(other.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(Number(other.headers.get('retry-after'))).toBeLessThanOrEqual(60);
});

test('guesses that are sent at the same moment are not free', async () => {
  const limited = await startAdminRouter({ attempts: { max: 3, window_ms: 60_000 } });
  onTestFinished(() => limited.stop());
  const answers = await Promise.all(Array.from({ length: 12 }, (_, guess) => signIn(limited, 'ada', `guess ${guess}`)));

  expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(9);
});

test('a limit ends with its window', async () => {
  const limited = await startAdminRouter({ attempts: { max: 1, window_ms: 300 } });
  onTestFinished(() => limited.stop());
  const first = await signIn(limited, 'ada', 'wrong');
  const second = await signIn(limited, 'ada');
  await new Promise((resolve) => setTimeout(resolve, 350));

  expect([first.status, second.status, (await signIn(limited, 'ada')).status]).toEqual([401, 429, 200]);
});

test('a session ends with its time, and behind TLS its cookie is for TLS only', async () => {
  const short = await startAdminRouter({ session_ttl_ms: 300, behind_tls: true });
  onTestFinished(() => short.stop());
  const login = await signIn(short, 'ada');
  const before = await visit(short, '/admin/auth/me', { headers: cookieOf(login) });
  await new Promise((resolve) => setTimeout(resolve, 350));
  const after = await visit(short, '/admin/auth/me', { headers: cookieOf(login) });

  expect(login.headers.getSetCookie()[0]).toContain('; Secure');
  expect([before.status, after.status]).toEqual([200, 401]);
});

test('the router answers others while passwords are checked, and takes in only so many at once', async () => {
  const slow = await startAdminRouter({
    attempts: { max: 1000 },
    users: [{ username: 'ada', password_hash: await hashPassword(password, { cost: 32_768 }) }],
    policy: [],
    roles: [],
  });
  onTestFinished(() => slow.stop());
  const logins = Array.from({ length: 40 }, () => signIn(slow, 'ada', 'wrong'));
  const pauses: number[] = [];
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    pauses.push(now - last);
    last = now;
  }, 5);
  const answers = await Promise.all(logins);
  clearInterval(watch);

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(20);
  // Eighteen checks of about a quarter of a second each went on meanwhile.
  expect(pauses.sort((a, b) => a - b)[Math.floor(pauses.length * 0.95)]).toBeLessThan(100);
});

test('a program that shows its password with each of many requests is checked once, and a wrong one each time', async () => {
  const strict = await startAdminRouter({
    attempts: { max: 6 },
    users: [{ username: 'ada', password_hash: await hashPassword(password, { cost: 32_768 }) }],
    policy: [],
    roles: [],
  });
  onTestFinished(() => strict.stop());
  const ask = (secret: string) => visit(strict, '/admin/auth/me', { headers: basic('ada', secret) });
  const together = await Promise.all(Array.from({ length: 40 }, () => ask(password)));
  const wrong: number[] = [];
  for (let guess = 0; guess < 7; guess += 1) wrong.push((await ask('wrong')).status);

  expect(new Set(together.map(({ status }) => status))).toEqual(new Set([200]));
  expect(wrong).toEqual([401, 401, 401, 401, 401, 401, 429]);
  expect((await ask(password)).status).toBe(200);
});

test('a hash is of its own salt, is checked in Unicode normal form, and a hash that would take all memory is none', async () => {
  const [one, two] = [await hashPassword('caf\u00e9', { cost: 1024 }), await hashPassword('caf\u00e9', { cost: 1024 })];
  const parsed = parsePasswordHash(one);

  expect(one).not.toBe(two);
  expect(parsed !== null && (await isPassword('cafe\u0301', parsed))).toBe(true);
  expect(parsed !== null && (await isPassword('cafe', parsed))).toBe(false);
  const [, , , , salt, key] = cheapHash.split(':');
  const costs = ['1073741824:8:1', '1000:8:1', '1024:0:1', '1024:8:0', '1:8:1', '32768:8:99'];
  expect(costs.filter((cost) => parsePasswordHash(`scrypt:${cost}:${salt}:${key}`) !== null)).toEqual([]);
});

test('a user without a hash in the environment cannot sign in, not even with an empty password', async () => {
  const without = await startAdminRouter({}, { environment: { ROOT_PASSWORD_HASH: '' } });
  onTestFinished(() => without.stop());

  expect((await signIn(without, 'root', '')).status).toBe(401);
  expect((await signIn(without, 'ada')).status).toBe(200);
});

test('a start and a reload log by their places who cannot sign in for want of a hash', async () => {
  const warnings: unknown[] = [];
  const { pino } = await import('pino');
  const write = (line: string): void => {
    const { level, warning } = JSON.parse(line) as { level: number; warning?: string };
    if (level === 40 && warning?.includes('HASH') === true) warnings.push(warning);
  };
  const without = await startAdminRouter({}, { environment: { ROOT_PASSWORD_HASH: 'no hash' }, log: pino({}, { write }) });
  onTestFinished(() => without.stop());
  const config = readFileSync(without.configPath, 'utf8').replace('"nobody",', '"nobody", "password_hash_env": "NO_HASH"');
  writeFileSync(without.configPath, config.replace(/("NO_HASH")\s+"password_hash": "[^"]+"/, '$1'));
  await without.reload();

  const root = expect.stringMatching(
    /config\.yaml:\d+:\d+ admin_auth\.users\.0\.password_hash_env: ROOT_PASSWORD_HASH does not hold/,
  ) as string;
  const nobody = expect.stringMatching(
    /admin_auth\.users\.3\.password_hash_env: NO_HASH is not set in this environment; "nobody"/,
  ) as string;
  expect(warnings).toEqual([root, root, nobody]);
});

test('a reload that gives a user another password, or takes the user away, ends the sessions of the old one', async () => {
  const grants = [
    { subject: 'basic:root', domain: '*', object: 'admin:reports', action: 'read' },
    { subject: 'caller:alpha-caller', domain: '*', object: 'admin:config', action: 'reload' },
  ];
  const reloaded = await startAdminRouter({ policy: grants, roles: [] });
  onTestFinished(() => reloaded.stop());
  const sessions = await Promise.all(['ada', 'reader', 'root'].map((username) => signIn(reloaded, username)));
  const config = JSON.parse(readFileSync(reloaded.configPath, 'utf8')) as { admin_auth: { users: Record<string, string>[] } };
  const changed = await hashPassword('another one', { cost: 1024 });
  config.admin_auth.users = config.admin_auth.users
    .filter((user) => user['username'] !== 'reader')
    .map((user) => (user['username'] === 'ada' ? { ...user, password_hash: changed } : user));
  writeFileSync(reloaded.configPath, JSON.stringify(config));
  const reload = await visit(reloaded, '/config/reload', { method: 'POST', headers: { authorization: `Bearer ${callerTokens.alpha}` } });
  const after = await Promise.all(sessions.map((session) => visit(reloaded, '/admin/auth/me', { headers: cookieOf(session) })));

  expect([sessions.map(({ status }) => status), reload.status, after.map(({ status }) => status)]).toEqual([
    [200, 200, 200],
    200,
    [401, 401, 200],
  ]);
  expect((await signIn(reloaded, 'ada', 'another one')).status).toBe(200);
});

test('no password, hash or cookie is in what the router prints', async () => {
  const lines: string[] = [];
  const { pino } = await import('pino');
  const noisy = await startAdminRouter({}, { log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }) });
  onTestFinished(() => noisy.stop());
  const login = await signIn(noisy, 'ada');
  await signIn(noisy, 'ada', 'canary-wrong-password');
  await visit(noisy, '/admin/auth/me', { headers: { authorization: `Bearer ${callerTokens.alpha}` } });

  const secrets = [password, cheapHash, 'canary-wrong-password', cookieOf(login)['cookie']?.split('=')[1] ?? 'none', callerTokens.alpha];
  expect(lines.length).toBeGreaterThan(0);
  expect(secrets.filter((secret) => lines.join('').includes(secret))).toEqual([]);
});

test('a config with an object, an action, a domain or a hash that cannot be is refused with its place', async () => {
  const { loadConfig } = await import('../../../src/router/config/config-file.js');
  const path = `${router.directory}/wrong.yaml`;
  const line = { subject: 'basic:ada', domain: '*', object: 'admin:reports', action: 'read' };
  const wrong = [
    [{ policy: [{ ...line, object: 'admin:report' }] }, 'admin_auth.policy.0.object'],
    [{ policy: [{ ...line, action: 'read|write' }] }, 'admin_auth.policy.0.action'],
    [{ policy: [{ ...line, domain: 'alpha' }] }, 'admin_auth.policy.0.domain'],
    [{ policy: [{ ...line, domain: undefined }] }, 'admin_auth.policy.0.domain'],
    [
      { users: [{ username: 'ada', password_hash: 'scrypt:1:1:1:YWJjZGVmZ2g:YWJjZGVmZ2hpamtsbW5vcA' }] },
      'admin_auth.users.0.password_hash',
    ],
    [{ users: [{ username: 'ada' }] }, 'admin_auth.users.0'],
  ] as const;
  const base = { listen: { port: 0 }, database: { path: 'a.sqlite' }, providers: {}, models: {} };

  for (const [admin, place] of wrong) {
    const { callers, admin_auth: fine } = adminConfig();
    writeFileSync(path, JSON.stringify({ ...base, callers, admin_auth: { ...(fine as object), ...admin } }));
    expect(() => loadConfig(path)).toThrow(place);
  }
});
