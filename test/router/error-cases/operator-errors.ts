// Refusals to those who operate the router: metrics, license status, reload, logins and reports.
import { renameSync, writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { basic, startAdminRouter, visit } from '../access/admin-room.js';
import { type StartedRouter, tokens } from '../started-router.js';
import { type ErrorCase, type Heard, heard, routerFor, withoutDialect } from './error-case.js';

const summary = '/admin/reports/api/summary';
const getting = (path: string): ErrorCase =>
  withoutDialect(async () => {
    const router = await routerFor();
    return heard(router, await router.get(path, tokens.all));
  });

async function reported(
  path: string,
  headers: Record<string, string>,
  before: (router: StartedRouter) => unknown = () => undefined,
  config: Record<string, unknown> = {},
): Promise<Heard> {
  const router = await startAdminRouter(config['admin_auth'] as Record<string, unknown> | undefined, { config });
  onTestFinished(() => router.stop());
  await before(router);
  return heard(router, await visit(router, path, { headers }));
}

export const operatorErrors = {
  'metrics-forbidden': getting('/metrics'),
  'admin-forbidden': getting('/admin/license/status'),
  'reports-forbidden': getting(summary),
  'invalid-report-filter': withoutDialect(() => reported(`${summary}?since=yesterday`, basic('root'))),
  'reports-disabled': withoutDialect(() => reported(summary, basic('root'), undefined, { admin_reports: { enabled: false } })),
  'report-query-failed': withoutDialect(() =>
    reported(summary, basic('root'), ({ databasePath }) => {
      renameSync(databasePath, `${databasePath}.away`);
      onTestFinished(() => renameSync(`${databasePath}.away`, databasePath));
    }),
  ),
  'login-limited': withoutDialect(() =>
    reported(summary, basic('root', 'wrong'), async (router) => {
      for (let tries = 0; tries < 5; tries += 1) await visit(router, summary, { headers: basic('root', 'wrong') });
    }),
  ),
  'config-invalid': withoutDialect(async () => {
    const policy = [{ subject: 'caller:everyone', domain: '*', object: 'admin:config', action: 'reload' }];
    const router = await routerFor({ config: { admin_auth: { policy } } });
    writeFileSync(router.configPath, '{"listen": ');
    const headers = { authorization: `Bearer ${tokens.all}` };
    return heard(router, await fetch(`${router.url}/config/reload`, { method: 'POST', headers }));
  }),
} satisfies Record<string, ErrorCase>;
