import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { gatewayErrors } from '../../../src/router/gateway-error.js';
import { labLicense, signLicense } from '../../../src/router/lab/lab-license.js';
import { callersWith, limited } from '../limits/limited-router.js';
import { ask, type StartedRouter, streamData, tokens } from '../started-router.js';
import { day, licensedRouter, temporaryDirectory } from './licensed-router.js';

const rfc3339 = (ms: number): string => new Date(ms).toISOString();
const inDays = (days: number): string => rfc3339(Date.now() + days * day);

interface Refusal {
  readonly status: number;
  readonly code: string | null;
  readonly retryAfter: string | null;
}

async function chat(router: StartedRouter, more: Record<string, unknown> = {}): Promise<Refusal> {
  const answer = await router.chat(ask('hi', more));
  const body = (await answer.json()) as { error?: { code: string } };
  return { status: answer.status, code: body.error?.code ?? null, retryAfter: answer.headers.get('retry-after') };
}

async function readiness(router: StartedRouter): Promise<[number, string | null, string]> {
  const answer = await router.get('/readyz');
  const { error = null, detail = '' } = (await answer.json()) as { error?: string; detail?: string };
  return [answer.status, error, detail];
}

const foreignKey = generateKeyPairSync('ed25519').privateKey;
const flipped = (text: string): string => {
  const license = JSON.parse(text) as { payload: string };
  const payload = Buffer.from(license.payload, 'base64url').toString().replace('"lab"', '"big"');
  return JSON.stringify({ ...license, payload: Buffer.from(payload).toString('base64url') });
};

test.each([
  ['is not there', null, 'license-missing', /license file cannot be read/],
  ['is no JSON', 'nonsense', 'license-invalid', /the file is not JSON/],
  ['has no payload', '{}', 'license-invalid', /it has no payload/],
  ['was changed after it was signed', flipped(signLicense(labLicense)), 'license-invalid', /signature does not fit/],
  [
    'was signed by somebody else',
    signLicense(labLicense, foreignKey),
    'license-invalid',
    /signed by the key [0-9a-f]{16}, this router trusts/,
  ],
  ['is for another product', { product: 'other' }, 'license-product-mismatch', /another product/],
  ['begins tomorrow', { not_before: inDays(1) }, 'license-not-yet-valid', /valid from/],
  ['is over, without grace', { expires_at: inDays(-1), grace_days: 0 }, 'license-expired', /expired on/],
  ['is over, its grace too', { expires_at: inDays(-15), grace_days: 14 }, 'license-expired', /expired on/],
  ['allows fewer callers', { limits: { callers: 2 } }, 'license-limit-exceeded', /allows 2 callers, the config has 3/],
  ['allows fewer model groups', { limits: { model_groups: 1 } }, 'license-limit-exceeded', /allows 1 model groups, the config has 2/],
] as const)(
  'a license that %s refuses all work by its code, on the request, in readiness and in the rows',
  async (_, license, code, detail) => {
    const { router, status, install } = await licensedRouter(license);
    const answer = await router.chat(ask('hi'));

    expect([answer.status, await answer.json()]).toMatchObject([gatewayErrors[code], { error: { code } }]);
    expect(router.upstream.counters.requests).toBe(0);
    const [ready, error, told] = await readiness(router);
    expect([ready, error]).toEqual([503, code]);
    expect(told).toMatch(detail);
    expect(await status()).toMatchObject({ status: 'refused', reason: code, detail: told });
    expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({
      license_status: 'refused',
      license_reason: code,
      error: code,
    });

    install({});
    expect((await readiness(router))[0]).toBe(200);
    expect((await chat(router)).status).toBe(200);
  },
);

test.each([
  ['the license is missing', 'license-missing', 'license.json', (at: (name: string) => string) => rmSync(at('license.json'))],
  ['the license is not one', 'license-invalid', 'license.json', (at: (name: string) => string) => writeFileSync(at('license.json'), '{}')],
  ['the state is damaged', 'license-invalid', 'state.json', (at: (name: string) => string) => writeFileSync(at('state.json'), '{')],
  ['the key is missing', 'license-invalid', 'public.pem', (at: (name: string) => string) => rmSync(at('public.pem'))],
] as const)('when %s, callers and the rows are told without a path, and the log with it', async (_, code, file, spoil) => {
  const directory = temporaryDirectory();
  const at = (name: string): string => join(directory, name);
  await (await licensedRouter({}, { directory })).router.drain();
  spoil(at);
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const { router, status } = await licensedRouter(null, { directory, log, publicKey: null });
  const answer = await router.chat(ask('hi'));
  const told = [await answer.text(), ...(await readiness(router)), await status(), await router.row(answer.headers.get('x-request-id'))];
  const errors = router.table('request_errors', answer.headers.get('x-request-id'));

  expect([errors, JSON.stringify([told, errors]).includes(directory)]).toMatchObject([[{ error_type: code }], false]);
  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'license');
  expect(logged).toMatchObject([{ status: 'refused', reason: code, file: at(file) }]);
});

test('too many administrators for the license refuse all work by a code of their own', async () => {
  const users = [1, 2].map((number) => ({ username: `admin${number}`, password_hash_env: 'ADMIN_HASH' }));
  const { router } = await licensedRouter({ limits: { admins: 1 } }, { config: { admin_auth: { users } } });

  expect(await chat(router)).toMatchObject({ status: 403, code: 'license-admin-limit-exceeded' });
  expect((await readiness(router)).slice(0, 2)).toEqual([503, 'license-admin-limit-exceeded']);
});

test('a valid license serves, stamps the rows and describes itself to those who may ask', async () => {
  const { router, status } = await licensedRouter({ limits: { callers: 9, requests_per_month: 100 } });
  const answer = await router.chat(ask('hi'));

  expect(answer.headers.get('x-reference-router-warning')).toBeNull();
  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({
    license_status: 'valid',
    license_reason: '',
    license_id: 'lic_lab',
    license_customer_id: 'cus_lab',
    license_sku: 'lab',
    license_key_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    license_expiry: '2036-01-01T00:00:00Z',
    license_grace_active: 0,
  });
  expect(await status()).toMatchObject({
    status: 'valid',
    reason: '',
    license: {
      id: 'lic_lab',
      expires_at: '2036-01-01T00:00:00Z',
      grace_until: '2036-01-15T00:00:00Z',
      features: ['metrics', 'reports'],
      limits: { callers: 9, model_groups: null, requests_per_month: 100 },
      used: { callers: 3, model_groups: 2, admins: 0, requests_this_month: 1, concurrent: 0 },
      state_write_failures: 0,
    },
  });
  expect((await router.get('/admin/license/status')).status).toBe(401);
  const refused = await router.get('/admin/license/status', tokens.small);
  expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'admin-forbidden' } }]);
});

test('in its grace an expired license serves with a warning, plain and streamed, and says so in the rows', async () => {
  const { router, status } = await licensedRouter({ expires_at: inDays(-1), grace_days: 3 });
  const plain = await router.chat(ask('hi'));
  const streamed = await router.chat(ask('hi', { stream: true }));
  await streamData(streamed);

  for (const answer of [plain, streamed]) {
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-reference-router-warning')).toMatch(/license expired on .*, requests are served until /);
    expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({
      license_status: 'grace',
      license_reason: 'license-expired',
      license_grace_active: 1,
    });
  }
  expect((await readiness(router))[0]).toBe(200);
  expect(await status()).toMatchObject({ status: 'grace', reason: 'license-expired' });
});

test('in its grace a license warns where no model is asked too, from the moment on that it begins', async () => {
  const { router, turnClock } = await licensedRouter({ expires_at: inDays(1), grace_days: 3 });
  const warnings = async (): Promise<(string | null)[]> => {
    const counted = (path: string) =>
      fetch(`${router.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.all}` },
        body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'hi' }] }),
      });
    const paths = ['/v1/messages/count_tokens', '/anthropic/v1/messages/count_tokens'];
    const lists = ['/v1/models', '/v1/usage'].map((path) => router.get(path, tokens.all));
    const answers = await Promise.all([...lists, ...paths.map(counted)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    return answers.map(({ headers }) => headers.get('x-reference-router-warning'));
  };

  expect(await warnings()).toEqual([null, null, null, null]);
  turnClock(2 * day);
  const warning = expect.stringMatching(/^license expired on .*, requests are served until /) as string;
  expect(await warnings()).toEqual([warning, warning, warning, warning]);
});

test('time runs a license out under a running router: valid, grace, refused', async () => {
  const { router, turnClock } = await licensedRouter({ expires_at: inDays(2), grace_days: 2 });
  const seen = [await chat(router)];
  for (const days of [3, 5]) {
    turnClock(days * day);
    seen.push(await chat(router));
  }

  expect(seen.map(({ status, code }) => [status, code])).toEqual([
    [200, null],
    [200, null],
    [403, 'license-expired'],
  ]);
});

test('a dialect outside of the license is refused, the others are served', async () => {
  const { router } = await licensedRouter({ skins: ['anthropic-messages'] });

  expect(await chat(router)).toMatchObject({ status: 403, code: 'license-skin-forbidden' });
  expect((await readiness(router))[0]).toBe(200);
});

test('requests at the same time are limited, and the place is free again after the answer', async () => {
  const { router } = await licensedRouter({ limits: { concurrent: 1 } }, { models: { small: 'echo-1+pieces-100', large: 'echo-2' } });
  const streaming = await router.chat(ask('a tale', { stream: true }));
  const refused = await chat(router);
  await streamData(streaming);

  expect(refused).toEqual({ status: 429, code: 'license-concurrency-exceeded', retryAfter: '1' });
  expect((await chat(router, { model: 'large' })).status).toBe(200);
});

test('the requests of a month are counted through restarts, and the next month begins at zero', async () => {
  const directory = temporaryDirectory();
  const limits = { requests_per_month: 3 };
  const first = await licensedRouter({ limits }, { directory });
  await chat(first.router);
  await chat(first.router);
  await first.router.drain();
  const second = await licensedRouter({ limits }, { directory });
  expect((await chat(second.router)).status).toBe(200);
  const refused = await chat(second.router);

  expect(refused).toMatchObject({ status: 429, code: 'license-volume-exceeded' });
  expect(Number(refused.retryAfter)).toBeGreaterThan(0);
  expect(Number(refused.retryAfter)).toBeLessThanOrEqual(31 * 86_400);
  expect((await readiness(second.router))[0]).toBe(200);
  second.turnClock(Number(refused.retryAfter) * 1000 + 1000);
  expect((await chat(second.router)).status).toBe(200);
});

test('a request that is refused before anybody served it is not one of the month', async () => {
  const { router, status } = await licensedRouter({ limits: { requests_per_month: 2 } });
  expect((await chat(router, { max_tokens: 100_000_000 })).code).toBe('no-eligible-target');
  expect((await chat(router)).status).toBe(200);

  expect(await status()).toMatchObject({ license: { used: { requests_this_month: 1, concurrent: 0 } } });
});

test('a request that a kept answer served, or whose target failed, is one of the month', async () => {
  const { router, status } = await licensedRouter({ limits: { requests_per_month: 9 } }, { config: { cache: { enabled: true } } });
  await chat(router);
  const kept = await router.chat(ask('hi'));
  expect((await router.row(kept.headers.get('x-request-id'))).cache).toBe('hit');
  router.upstream.setFaults([{ status: 500 }]);
  expect((await chat(router, { max_tokens: 7 })).code).toBe('upstream-failed');

  expect(await status()).toMatchObject({ license: { used: { requests_this_month: 3, concurrent: 0 } } });
});

test('a request of the last month that was not served takes nothing from the next', async () => {
  const callers = callersWith({ shape: { requests_per_second: 0.01, max_wait_ms: 200_000 } });
  const policy = [{ subject: 'caller:free', domain: '*', object: '*', action: '*' }];
  const month = { limits: { requests_per_month: 9 } };
  const { router, status, turnClock } = await licensedRouter(month, { config: { callers, admin_auth: { policy } } });
  const used = async () => ((await status()) as { license: { used: Record<string, number> } }).license.used;
  await (await router.chat(ask('hi'), { token: limited })).text();
  const leaving = new AbortController();
  const waiting = router.chat(ask('hi'), { token: limited, signal: leaving.signal }).catch(() => null);
  while ((await used())['concurrent'] === 0) await sleep(5);
  turnClock(32 * day);
  expect((await chat(router)).status).toBe(200);
  leaving.abort();
  await waiting;
  while ((await used())['concurrent'] === 1) await sleep(5);

  expect(await used()).toMatchObject({ requests_this_month: 1 });
});

test('a clock that was set back is noticed while running and after a restart, and forgiven once it is right again', async () => {
  const directory = temporaryDirectory();
  const first = await licensedRouter({}, { directory });
  first.turnClock(2 * day);
  expect((await chat(first.router)).status).toBe(200);
  first.turnClock(2 * day - 4 * 60_000);
  expect((await chat(first.router)).status).toBe(200);
  first.turnClock(day);
  expect(await chat(first.router)).toMatchObject({ status: 503, code: 'license-clock-rollback' });
  await first.router.drain();

  const second = await licensedRouter({}, { directory });
  expect((await readiness(second.router)).slice(0, 2)).toEqual([503, 'license-clock-rollback']);
  second.turnClock(2 * day + 1000);
  expect((await readiness(second.router))[0]).toBe(200);
});

test('a state that was edited, is damaged or cannot be read is not believed; removing it begins anew', async () => {
  const directory = temporaryDirectory();
  const first = await licensedRouter({}, { directory });
  await chat(first.router);
  await first.router.drain();
  const whole = readFileSync(first.stateFile, 'utf8');
  expect(statSync(first.stateFile).mode & 0o777).toBe(0o600);
  const edits = [whole.replace('"requests": 1', '"requests": 0'), whole.slice(0, -20), 'nonsense', whole.replace(/20\d\d-/, '1999-')];
  for (const text of edits) {
    writeFileSync(first.stateFile, text);
    const { router } = await licensedRouter({}, { directory });
    expect(await chat(router), text).toMatchObject({ status: 503, code: 'license-invalid' });
    expect((await readiness(router))[2]).toContain('license state is not accepted');
    await router.drain();
    expect(readFileSync(first.stateFile, 'utf8')).toBe(text);
  }
  rmSync(first.stateFile);
  const { router } = await licensedRouter({}, { directory });
  expect((await chat(router)).status).toBe(200);
});

test('a renewed license that is put in place is used without a restart, and counts anew', async () => {
  const { router, install, status } = await licensedRouter({ limits: { requests_per_month: 1 } });
  expect((await chat(router)).status).toBe(200);
  expect((await chat(router)).code).toBe('license-volume-exceeded');
  install({ id: 'lic_renewed', limits: { requests_per_month: 5 } });

  expect((await readiness(router))[0]).toBe(200);
  expect((await chat(router)).status).toBe(200);
  expect(await status()).toMatchObject({ license: { id: 'lic_renewed', used: { requests_this_month: 1 } } });
});

test('a directory that takes no state costs no request and is told', async () => {
  const { router, status } = await licensedRouter({}, { config: { license: undefined } });
  expect((await status())['status']).toBe('none');
  await router.drain();
  const directory = temporaryDirectory();
  const before = await licensedRouter({}, { directory });
  const stateless = await licensedRouter(
    {},
    {
      directory,
      config: {
        license: { file: before.licenseFile, state_file: `${directory}/gone/state.json`, public_key_file: `${directory}/public.pem` },
      },
    },
  );

  expect((await chat(stateless.router)).status).toBe(200);
  expect(await stateless.status()).toMatchObject({ status: 'valid', license: { state_write_failures: 1 } });
});

test('a reload to more callers than the license allows is refused with its place', async () => {
  const { router } = await licensedRouter({ limits: { callers: 3 } });
  const config = JSON.parse(readFileSync(router.configPath, 'utf8')) as { callers: { id: string }[] };
  writeFileSync(
    router.configPath,
    JSON.stringify({ ...config, callers: [...config.callers, { ...config.callers[0], id: 'fourth', token_sha256: 'f'.repeat(64) }] }),
  );
  const answer = await fetch(`${router.url}/config/reload`, { method: 'POST', headers: { authorization: `Bearer ${tokens.all}` } });
  const { error } = (await answer.json()) as { error: { details: { findings: string[] } } };

  expect(answer.status).toBe(422);
  expect(error.details.findings).toEqual([expect.stringMatching(/:\d+:\d+ callers: the license allows 3 callers, the config has 4$/)]);
});
