import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RequestRows } from '../../../src/router/usage/diagnostic-rows.js';
import { packed, packRows, unpackRows } from '../../../src/router/usage/packed-rows.js';
import { UsageDatabase } from '../../../src/router/usage/usage-database.js';
import { UsageLedger } from '../../../src/router/usage/usage-ledger.js';
import { compiledRouter } from '../../lab/compiled-router.js';
import { usageRow, withoutDiagnostics } from '../reports/usage-rows.js';
import { idsIn, kinds, lock, openBooks, room, rowsOf } from './books-room.js';

describe.each(Object.keys(kinds))('usage written %s', (kind) => {
  test('keeps every row of many batches, in every table, and says that none was lost', async () => {
    const { books, path, failures } = await openBooks(kind);
    const pushed = Array.from({ length: 1003 }, (_, number) => rowsOf(number));
    for (const [number, rows] of pushed.entries()) {
      books.push(rows);
      if (number % 300 === 0) await new Promise((done) => setTimeout(done, 60));
    }

    expect(failures).toEqual([]);
    expect(await books.close()).toBe(0);
    const ids = pushed.map(({ usage }) => usage.request_id).sort();
    for (const table of ['request_usage', 'request_attempts', 'request_trace_events', 'request_errors', 'request_fallback_transitions'])
      expect(idsIn(path, table), table).toEqual(ids);
  });

  test('writes what was pushed within a moment, without being asked', async () => {
    const { books, path } = await openBooks(kind);
    onTestFinished(() => books.close().then(() => undefined));
    books.push(rowsOf(1));

    await expect.poll(() => existsSync(path) && idsIn(path, 'request_usage').length, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => books.state, { timeout: 20_000 }).toEqual({ waiting: 0, lost: 0, writeFailures: 0 });
  });

  test('knows what a caller used, with everything that was pushed before it was asked', async () => {
    const { books } = await openBooks(kind);
    onTestFinished(() => books.close().then(() => undefined));
    for (let number = 0; number < 301; number += 1) books.push(rowsOf(number));

    const odd = { caller_id: 'odd', requests: 150, tokens: 1500, cost_usd: 75 };
    expect(await books.used('odd', ['day:2026-11-20', 'lifetime', 'day:2026-11-21'])).toEqual(
      expect.arrayContaining([
        { ...odd, period: 'day:2026-11-20' },
        { ...odd, period: 'lifetime' },
      ]),
    );
    expect(await books.used('nobody', ['lifetime'])).toEqual([]);
    expect(await books.recent('2026-11-20T11:59:30Z')).toEqual([
      { caller_id: 'even', ts: '2026-11-20T12:00:00.000Z', requests: 151, tokens: 1510 },
      { caller_id: 'odd', ts: '2026-11-20T12:00:00.000Z', requests: 150, tokens: 1500 },
    ]);
    expect(await books.recent('2026-11-20T12:00:01Z')).toEqual([]);
    expect(await books.problem()).toBeNull();
  });

  test('keeps rows waiting while another process holds the database, is no problem, and writes them afterwards', async () => {
    const { books, path } = await openBooks(kind);
    await books.problem();
    const release = lock(path);
    for (let number = 0; number < 120; number += 1) books.push(rowsOf(number));
    await expect
      .poll(() => books.state, { timeout: 20_000 })
      .toMatchObject({ waiting: 120, lost: 0, writeFailures: expect.toSatisfy((n) => n > 0) });
    expect(await books.problem()).toBeNull();
    expect(await books.used('odd', ['lifetime'])).toEqual([
      { caller_id: 'odd', period: 'lifetime', requests: 60, tokens: 600, cost_usd: 30 },
    ]);
    release();

    expect(await books.close()).toBe(0);
    expect(idsIn(path, 'request_usage')).toHaveLength(120);
  });

  test('says why a database cannot be used, once for each reason, and how much was lost when it ends like that', async () => {
    const directory = join(room(), 'usage.sqlite');
    mkdirSync(directory);
    const { books, failures } = await openBooks(kind, directory);
    for (let number = 0; number < 7; number += 1) books.push(rowsOf(number));

    expect(await books.problem()).toMatchObject({ code: 'database-unavailable', detail: expect.stringMatching(/unable to open/) });
    expect(await books.problem()).toMatchObject({ code: 'database-unavailable' });
    expect(await books.used('odd', ['lifetime'])).toBeNull();
    expect(await books.recent('2026-11-20T00:00:00Z')).toBeNull();
    expect(failures).toEqual([{ code: 'database-unavailable', detail: expect.stringMatching(/unable to open/) }]);
    expect(await books.close(0)).toBe(7);
  });

  test('refuses a database that a newer router changed for good', async () => {
    const path = join(room(), 'usage.sqlite');
    UsageDatabase.open(path, '1.0.0').close();
    const database = new Database(path);
    database.exec("INSERT INTO schema_version VALUES (99, 'newer', 'restore-required', '2027-01-01T00:00:00Z', '9.0.0')");
    database.close();
    const { books } = await openBooks(kind, path);

    expect(await books.problem()).toMatchObject({ code: 'database-schema-newer' });
    expect(await books.close(0)).toBe(0);
  });

  test('does not grow without end: beyond 20,000 requests that wait, rows are lost and everyone is told', async () => {
    const directory = join(room(), 'usage.sqlite');
    mkdirSync(directory);
    const { books, path } = await openBooks(kind, directory);
    const rows = withoutDiagnostics(usageRow());
    const made = Array.from({ length: 20_005 }, (_, number) => ({ ...rows, usage: { ...rows.usage, request_id: `req_${number}` } }));
    for (const each of made) books.push(each);
    expect(books.state).toMatchObject({ waiting: 20_000, lost: 5 });
    rmSync(directory, { recursive: true });
    await expect.poll(() => books.state.waiting, { timeout: 60_000 }).toBe(0);

    expect(await books.problem()).toEqual({ code: 'usage-rows-lost', detail: expect.stringMatching(/^the usage rows of 5 requests/) });
    expect(await books.close()).toBe(5);
    expect(idsIn(path, 'request_usage')).toHaveLength(20_000);
  });
});

test('a database that another process holds for too long is a problem, until it lets go', async () => {
  const path = join(room(), 'usage.sqlite');
  const ledger = new UsageLedger(path, '1.0.0', () => undefined, 300);
  onTestFinished(() => ledger.close(0).then(() => undefined));
  const release = lock(path);
  ledger.push(rowsOf(1));
  expect(await ledger.problem()).toBeNull();
  await expect.poll(() => ledger.problem(), { timeout: 20_000 }).toMatchObject({ code: 'database-unavailable' });
  release();
  expect(await ledger.problem()).toBeNull();

  // The time counts anew.
  const again = lock(path);
  expect(await ledger.problem()).toBeNull();
  again();
});

test('rows survive the way between threads value for value', () => {
  const all = [rowsOf(1), withoutDiagnostics(usageRow({ ttfb_ms: null, client: 'quote " and \u2028 line', total_cost_usd: 1e-9 }))];

  expect(unpackRows(packRows(all))).toEqual(all.map(packed));
});

test('rows whose members stand in another order survive the way between threads just the same', () => {
  const whole = rowsOf(1);
  const { usage, attempts, trace, error, fallbacks } = whole;
  const turned = <Row extends object>(row: Row): Row => Object.fromEntries(Object.entries(row).reverse()) as Row;
  const all: RequestRows = {
    usage: turned(usage),
    attempts: attempts.map(turned),
    trace: trace.map(turned),
    error: error === null ? null : turned(error),
    fallbacks: fallbacks.map(turned),
  };

  expect(unpackRows(packRows([all]))).toEqual([packed(whole)]);
});

test('a thread that dies takes only what it had not written, is told of, and the next one goes on', async () => {
  const threads: Worker[] = [];
  const watch = (worker: Worker): number => threads.push(worker);
  process.on('worker', watch);
  onTestFinished(() => void process.off('worker', watch));
  const { books, path } = await openBooks('in a thread of its own');
  books.push(rowsOf(1));
  await books.used('odd', ['lifetime']);
  await expect.poll(() => books.state.waiting, { timeout: 20_000 }).toBe(0);
  const release = lock(path);
  books.push(rowsOf(2));
  await expect.poll(() => books.state.writeFailures, { timeout: 20_000 }).toBeGreaterThan(0);
  // Nothing that the thread understands.
  const [first] = threads;
  first?.postMessage('nothing');
  await new Promise((done) => first?.once('exit', done));
  release();
  books.push(rowsOf(3));
  await expect.poll(() => idsIn(path, 'request_usage').length, { timeout: 20_000 }).toBe(2);

  expect(books.state).toMatchObject({ lost: 1 });
  expect(await books.problem()).toMatchObject({ code: 'usage-rows-lost' });
  expect(await books.close()).toBe(1);
  expect(threads).toHaveLength(2);
});

test('a thread that dies while it is being closed does not hold the close up', async () => {
  const threads: Worker[] = [];
  const watch = (worker: Worker): number => threads.push(worker);
  process.on('worker', watch);
  onTestFinished(() => void process.off('worker', watch));
  const { books } = await openBooks('in a thread of its own');
  await books.problem();
  threads[0]?.postMessage('nothing');
  books.push(rowsOf(1));

  expect(await Promise.race([books.close(), new Promise((done) => setTimeout(done, 4000, 'too late'))])).toBe(1);
});

test('a thread does not keep a process that has nothing else to do', async () => {
  const url = pathToFileURL(join(await compiledRouter(), 'usage', 'usage-thread.js')).href;
  const program = `const { UsageThread } = await import(${JSON.stringify(url)});
    const books = new UsageThread(${JSON.stringify(join(room(), 'usage.sqlite'))}, '1.0.0', console.error);
    console.log(await books.problem());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');

  expect(code).toBe(0);
});
