import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { labLicensePublicKey } from '../../src/router/lab/lab-license.js';
import { packagedKeyName } from '../../src/router/license/open-license-gate.js';
import { migrations } from '../../src/router/usage/migrations.js';
import { licensedRouter } from './license/licensed-router.js';
import { ask, type RouterSettings, type StartedRouter, startRouter } from './started-router.js';

async function routerWith(settings: RouterSettings = {}): Promise<StartedRouter> {
  const router = await startRouter(settings);
  onTestFinished(() => router.stop());
  return router;
}

async function readiness(router: StartedRouter): Promise<[number, unknown]> {
  const answer = await router.get('/readyz');
  const { error = null } = (await answer.json()) as { error?: string };
  return [answer.status, error];
}

test('a version pin that names another version makes the router not ready, the right one does not', async () => {
  const wrong = await routerWith({ environment: { REFERENCE_ROUTER_VERSION: '1.1.0' } });
  const right = await routerWith({ environment: { REFERENCE_ROUTER_VERSION: '1.0.0' } });

  expect(await readiness(wrong)).toEqual([503, 'version-pin-mismatch']);
  expect(await readiness(right)).toEqual([200, null]);
  expect((await wrong.get('/healthz')).status).toBe(200);
});

test('a provider key that is missing in the environment is named, without its value', async () => {
  const router = await routerWith({ environment: { PRIMARY_API_KEY: '' } });
  const body = (await (await router.get('/readyz')).json()) as { error: string; detail: string };

  expect(body.error).toBe('provider-key-missing');
  expect(body.detail).toContain('PRIMARY_API_KEY');
});

test('a config that is broken on disk makes the running router not ready until it is whole again', async () => {
  const router = await routerWith();
  const whole = readFileSync(router.configPath);
  writeFileSync(router.configPath, 'listen: [');
  expect(await readiness(router)).toEqual([503, 'config-invalid']);
  rmSync(router.configPath);
  expect(await readiness(router)).toEqual([503, 'config-invalid']);
  writeFileSync(router.configPath, whole);
  expect(await readiness(router)).toEqual([200, null]);
});

test('a license makes the router not ready by its code, until it is one', async () => {
  const { router, install } = await licensedRouter(null);

  expect(await readiness(router)).toEqual([503, 'license-missing']);
  install('nonsense');
  expect(await readiness(router)).toEqual([503, 'license-invalid']);
  install({});
  expect(await readiness(router)).toEqual([200, null]);
});

test('a package without a license in its config is not ready, since it wants one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-package-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, packagedKeyName), labLicensePublicKey());
  const router = await routerWith({ release: { packageDirectory: directory } });

  expect(await readiness(router)).toEqual([503, 'license-missing']);
});

test('a database that cannot be opened makes the router not ready, and its rows wait for it', async () => {
  const router = await routerWith({ config: { database: { path: 'later/usage.sqlite' } } });
  expect(await readiness(router)).toEqual([503, 'database-unavailable']);
  const answer = await router.chat(ask('hi'));
  expect(answer.status).toBe(200);
  mkdirSync(`${router.directory}/later`);
  await expect.poll(() => readiness(router), { timeout: 20_000 }).toEqual([200, null]);
  await router.drain();

  const database = new Database(`${router.directory}/later/usage.sqlite`, { readonly: true });
  expect(database.prepare('SELECT request_id FROM request_usage').pluck().all()).toEqual([answer.headers.get('x-request-id')]);
  database.close();
});

test('a file that is no database is never overwritten', async () => {
  const router = await routerWith({ config: { database: { path: 'notes.txt' } } });
  await router.drain();
  const text = 'these are my notes and not a database, please keep them\n'.repeat(40);
  writeFileSync(`${router.directory}/notes.txt`, text);
  const again = await routerWith({ config: { database: { path: `${router.directory}/notes.txt` } } });

  expect(await readiness(again)).toEqual([503, 'database-unavailable']);
  expect(readFileSync(`${router.directory}/notes.txt`, 'utf8')).toBe(text);
});

test('a database that another process is writing to is busy, not broken', async () => {
  const router = await routerWith();
  const other = new Database(router.databasePath);
  other.exec('BEGIN IMMEDIATE');
  const answer = await router.chat(ask('hi'));
  expect(await readiness(router)).toEqual([200, null]);
  other.exec('ROLLBACK');
  other.close();

  expect(await router.row(answer.headers.get('x-request-id'))).toMatchObject({ status: 200 });
});

test.each([
  ['restore-required', [503, 'database-schema-newer']],
  ['compatible', [200, null]],
])('a schema that a newer router left as %s is judged by that word', async (kind, expected) => {
  const first = await routerWith();
  await first.drain();
  const database = new Database(first.databasePath);
  database.prepare('INSERT INTO schema_version VALUES (99, ?, ?, ?, ?)').run('later', kind, '2027-01-01T00:00:00Z', '9.0.0');
  database.close();
  const second = await routerWith({ config: { database: { path: first.databasePath } } });

  expect(await readiness(second)).toEqual(expected);
});

test('the applied migrations are written down with their kind', async () => {
  const router = await routerWith();
  const database = new Database(router.databasePath, { readonly: true });

  expect(database.prepare('SELECT version, name, kind, router_version FROM schema_version').all()).toEqual(
    migrations.map(({ version, name, kind }) => ({ version, name, kind, router_version: '1.0.0' })),
  );
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  database.close();
});
