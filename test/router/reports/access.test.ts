import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { basic, callerTokens, cookieOf, errorCode, signIn, startAdminRouter, visit } from '../access/admin-room.js';
import { ask, type StartedRouter } from '../started-router.js';
import { disagreements, type Summary, summaryOf } from './report-room.js';
import { usageRow, withoutDiagnostics, writeRows } from './usage-rows.js';

let router: StartedRouter;
const ids = { alpha: '', beta: '' };
beforeAll(async () => {
  router = await startAdminRouter({ attempts: { max: 1000 } });
  for (const project of ['alpha', 'beta'] as const) {
    const answer = await router.chat(ask(`hello from ${project}`), { token: callerTokens[project] });
    ids[project] = (await router.row(answer.headers.get('x-request-id'))).request_id;
  }
});
afterAll(() => router.stop());

const everyPath = () => [
  '/admin/reports',
  '/admin/reports/',
  '/admin/reports/requests',
  `/admin/reports/requests/${ids.alpha}`,
  '/admin/reports/export.md',
  '/admin/reports/api/version',
  '/admin/reports/api/summary',
  '/admin/reports/api/requests',
  `/admin/reports/api/request/${ids.alpha}`,
  `/admin/reports/api/request-evidence?request_id=${ids.alpha}`,
  '/admin/reports/nothing/here',
];
const statuses = (headers: Record<string, string>): Promise<readonly (readonly [number, string])[]> =>
  Promise.all(
    everyPath().map(async (path) => {
      const answer = await visit(router, path, { headers });
      return [answer.status, answer.ok ? '' : await errorCode(answer)] as const;
    }),
  );
const all = (status: number, code: string) => everyPath().map(() => [status, code]);

describe('both locks are needed', () => {
  test('a caller token opens nothing, whichever way it comes, even when the policy grants everything to its caller', async () => {
    for (const token of [callerTokens.alpha, callerTokens.beta, callerTokens.old]) {
      expect(await statuses({ authorization: `Bearer ${token}` })).toEqual(all(403, 'reports-forbidden'));
      expect(await statuses({ 'x-api-key': token })).toEqual(all(403, 'reports-forbidden'));
    }
  });

  test('nobody, an unknown token, a wrong password and a made-up session are asked who they are', async () => {
    const strangers = [{}, { authorization: 'Bearer rt-unknown' }, basic('root', 'wrong'), { cookie: `router-admin=${'A'.repeat(43)}` }];
    for (const headers of strangers) expect(await statuses(headers as Record<string, string>)).toEqual(all(401, 'unauthorized'));
    expect((await visit(router, '/admin/reports/api/summary')).headers.get('www-authenticate')).toBe(
      'Basic realm="router reports", charset="UTF-8"',
    );
  });

  test('an administrator to whom the policy grants nothing is refused', async () => {
    expect(await statuses(basic('nobody'))).toEqual(all(403, 'reports-forbidden'));
  });

  test('an administrator with grants gets in, by password and by session', async () => {
    const expected = [
      ...everyPath()
        .slice(1)
        .map(() => [200, '']),
      [404, 'not-found'],
    ];

    expect(await statuses(basic('root'))).toEqual(expected);
    expect(await statuses(cookieOf(await signIn(router, 'root')))).toEqual(expected);
  });

  test('each action is a grant of its own: a reader neither exports nor looks into a request', async () => {
    const codes = new Map((await statuses(basic('reader'))).map(([status], at) => [everyPath()[at]?.replace(/req_\w+/, 'ID'), status]));

    expect(Object.fromEntries(codes)).toEqual({
      '/admin/reports': 200,
      '/admin/reports/': 200,
      '/admin/reports/requests': 200,
      '/admin/reports/requests/ID': 403,
      '/admin/reports/export.md': 403,
      '/admin/reports/api/version': 200,
      '/admin/reports/api/summary': 200,
      '/admin/reports/api/requests': 200,
      '/admin/reports/api/request/ID': 403,
      '/admin/reports/api/request-evidence?request_id=ID': 403,
      '/admin/reports/nothing/here': 404,
    });
  });
});

describe('only the granted domains are counted', () => {
  test('in the summary, its groups, its series, the list and its total', async () => {
    const mine = await summaryOf(router, 'since=1h', 'ada');
    const list = (await (await visit(router, '/admin/reports/api/requests', { headers: basic('ada') })).json()) as Summary;

    expect(disagreements(mine)).toEqual([]);
    expect(mine.byProject.map(({ value }) => value)).toEqual(['alpha']);
    expect(mine.byCaller.map(({ value }) => value)).toEqual(['alpha-caller']);
    expect([mine.summary.requests, mine.pagination.total_count, list.pagination.total_count]).toEqual([1, 1, 1]);
    expect(list.requests.map(({ request_id }) => request_id)).toEqual([ids.alpha]);
    expect((await summaryOf(router, 'since=1h')).summary.requests).toBe(2);
  });

  test('a filter on another domain finds nothing', async () => {
    for (const filter of ['project=beta', 'caller=beta-caller', 'token=tok_beta-caller']) {
      const list = (await (await visit(router, `/admin/reports/api/requests?${filter}`, { headers: basic('ada') })).json()) as Summary;
      expect([list.requests, list.pagination.total_count]).toEqual([[], 0]);
    }
  });

  test('a request of another domain is not there, exactly like one that never was', async () => {
    const never = `req_${'0'.repeat(32)}`;
    for (const path of ['/admin/reports/api/request/', '/admin/reports/requests/', '/admin/reports/api/request-evidence?request_id=']) {
      const answers = await Promise.all(
        [ids.beta, never, 'x', "'--"].map((id) => visit(router, `${path}${id}`, { headers: basic('ada') })),
      );
      const bodies = await Promise.all(
        answers.map(async (answer) => ((await answer.json()) as { error: { message: string } }).error.message),
      );
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      expect(new Set(bodies).size).toBe(1);
      expect((await visit(router, `${path}${ids.alpha}`, { headers: basic('ada') })).status).toBe(200);
    }
  });

  test('the other domain is on no page and in no export', async () => {
    const exporter = await startAdminRouter({
      policy: [{ subject: 'basic:ada', domain: 'alpha/prod', object: 'admin:reports', action: '*' }],
    });
    onTestFinished(() => exporter.stop());
    const hidden = {
      caller_project: 'beta',
      caller_id: 'canary-caller',
      caller_ip: 'canary-ip',
      token_id: 'canary-token',
      resolved_group: 'canary-group',
      target_provider: 'canary-provider',
    };
    writeRows(exporter.databasePath, [usageRow(hidden), usageRow()].map(withoutDiagnostics));
    for (const path of ['/admin/reports/', '/admin/reports/requests', '/admin/reports/export.md', '/admin/reports/api/summary']) {
      const text = await (await visit(exporter, path, { headers: basic('ada') })).text();
      expect(text).toContain('alpha-caller');
      expect(text).not.toContain('canary');
    }
  });
});

test('pages ask with a form that a browser shows, tell why not, and nothing below /admin is kept or framed', async () => {
  const browser = { accept: 'text/html,application/xhtml+xml' };
  const asked = await visit(router, '/admin/reports/requests?since=7d', { headers: browser });
  const wrong = await visit(router, '/admin/reports/?since=soon', { headers: { ...browser, ...basic('root') } });
  const form = await asked.text();

  expect([asked.status, asked.headers.get('www-authenticate'), asked.headers.get('content-type')]).toEqual([
    401,
    'Cookie realm="router reports", form-action="/admin/auth/login", cookie-name="router-admin"',
    'text/html; charset=utf-8',
  ]);
  expect(form).toContain('action="/admin/auth/login"');
  expect(form).toContain('value="/admin/reports/requests?since=7d"');
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('since is not a span such as 90m, 24h or 7d')]);
  const answers = await Promise.all(
    [...everyPath(), '/admin/auth/login', '/admin/auth/me'].map((path) => visit(router, path, { headers: basic('root') })),
  );
  for (const answer of [...answers, asked, await visit(router, '/admin/reports/')]) {
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=*'; /);
    expect(answer.headers.get('content-security-policy')).not.toMatch(/unsafe|script|\*|https?:/);
  }
});

test('a browser that asks with Basic gets a session, a program does not', async () => {
  const browser = await visit(router, '/admin/reports/', { headers: { accept: 'text/html', ...basic('root') } });
  const program = await visit(router, '/admin/reports/', { headers: basic('root') });

  expect([browser.headers.getSetCookie().length, program.headers.getSetCookie().length]).toEqual([1, 0]);
  expect((await visit(router, '/admin/reports/', { headers: cookieOf(browser) })).status).toBe(200);
});

test('switched off, the reports say so to an administrator, and nothing more to anyone else', async () => {
  const off = await startAdminRouter({}, { config: { admin_reports: { enabled: false } } });
  onTestFinished(() => off.stop());
  const [admin, caller, stranger] = await Promise.all(
    [basic('root'), { authorization: `Bearer ${callerTokens.alpha}` }, {}].map((headers) =>
      visit(off, '/admin/reports/api/summary', { headers: headers as Record<string, string> }),
    ),
  );

  expect([admin?.status, caller?.status, stranger?.status]).toEqual([503, 403, 401]);
  expect(admin && (await errorCode(admin))).toBe('reports-disabled');
});
