import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src/router/log.js';
import type { ReportPeriod } from '../../../src/router/reports/report-period.js';
import type { ReportThread } from '../../../src/router/reports/report-thread.js';
import { compiledRouter } from '../../lab/compiled-router.js';
import { startLab } from '../../lab/lab.js';
import { basic } from '../access/admin-room.js';
import { busyRows, withoutDiagnostics, writeRows } from './usage-rows.js';

const day = 86_400_000;
const now = Date.parse('2026-03-20T12:34:56Z');
const period: ReportPeriod = { fromMs: now - 10 * day, toMs: now, open: false, since: null };

function databaseWith(rows: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-reports-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'usage.sqlite');
  writeRows(path, [...busyRows(rows, now - 10 * day, now)].map(withoutDiagnostics));
  return path;
}

/** As it runs in a package: from its compiled file, in a thread of its own. */
async function threadOn(path: string): Promise<ReportThread> {
  const url = pathToFileURL(join(await compiledRouter(), 'reports', 'report-thread.js')).href;
  const { ReportThread: Compiled } = (await import(
    /* @vite-ignore */ url
  )) as typeof import('../../../src/router/reports/report-thread.js');
  const thread = new Compiled(path, silentLog);
  onTestFinished(() => thread.close());
  return thread;
}

test('a question over many rows is answered beside the event loop, which goes on meanwhile', async () => {
  const path = databaseWith(20_000);
  // Without the rollup every row has to be read, which takes a while.
  const database = new Database(path);
  database.exec('DELETE FROM usage_rollup; DELETE FROM usage_rollup_histogram; UPDATE usage_rollup_state SET covered_rowid = 0');
  database.close();
  const thread = await threadOn(path);
  await thread.ask({ kind: 'request', requestId: 'req_none', domains: '*' });
  let turns = 0;
  const watch = setInterval(() => {
    turns += 1;
  }, 2);
  const { total } = await thread.ask({ kind: 'summary', period, domains: '*' });
  clearInterval(watch);

  expect(total[0]).toBe(20_000);
  // Asked on this thread, it would not have turned once.
  expect(turns).toBeGreaterThan(10);
});

test('a thread that fails answers the next question again', async () => {
  const path = databaseWith(100);
  const thread = await threadOn(path);
  const database = new Database(path);
  database.exec('ALTER TABLE usage_rollup RENAME TO elsewhere');
  await expect(thread.ask({ kind: 'summary', period, domains: '*' })).rejects.toMatchObject({ code: 'report-query-failed' });
  database.exec('ALTER TABLE elsewhere RENAME TO usage_rollup');
  database.close();

  expect((await thread.ask({ kind: 'summary', period, domains: '*' })).total[0]).toBe(100);
});

test('a database that was replaced is asked instead of the one before', async () => {
  const path = databaseWith(100);
  const thread = await threadOn(path);
  expect((await thread.ask({ kind: 'summary', period, domains: '*' })).total[0]).toBe(100);
  renameSync(databaseWith(40), path);

  expect((await thread.ask({ kind: 'summary', period, domains: '*' })).total[0]).toBe(40);
});

test('questions more than can wait are refused, and all others are answered', async () => {
  const thread = await threadOn(databaseWith(2000));
  const asked = await Promise.allSettled(Array.from({ length: 60 }, () => thread.ask({ kind: 'summary', period, domains: '*' })));

  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(32);
});

test('an installed router answers reports from its thread, and stops with it', async () => {
  const lab = await startLab();
  onTestFinished(() => lab.stop());
  const headers = basic('admin', readFileSync(lab.paths.adminPassword, 'utf8').trim());
  const answer = await fetch(`${lab.url}/admin/reports/api/summary`, { headers });

  expect([answer.status, await answer.json()]).toMatchObject([200, { summary: { requests: 0 } }]);
  expect(await endsBySignal(lab.routerPid())).toBe(true);
});

async function endsBySignal(pid: number): Promise<boolean> {
  process.kill(pid, 'SIGTERM');
  const alive = (): boolean => existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  for (const deadline = Date.now() + 10_000; alive() && Date.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 20));
  return !alive();
}
