import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { RequestRows } from '../../../src/router/usage/diagnostic-rows.js';
import type { BooksProblem, BooksState } from '../../../src/router/usage/usage-books.js';
import { compiledRouter } from '../../lab/compiled-router.js';
import { idsIn, openBooks, room, rowsOf } from './books-room.js';

interface Told {
  readonly problem: BooksProblem | null;
  readonly state: BooksState;
  readonly failures: readonly BooksProblem[];
}

interface BooksAlone {
  readonly path: string;
  /** Leaves rows, if any, and asks how things are. */
  ask(rows?: readonly RequestRows[]): Promise<Told>;
  /** Its files may not grow any more, as on a full disk; or may again. */
  allowGrowth(allowed: boolean): void;
  close(): Promise<number>;
}

/** Usage books in a process of their own, since a limit on the size of files holds for a whole process. */
async function booksAlone(): Promise<BooksAlone> {
  const path = join(room(), 'usage.sqlite');
  const url = pathToFileURL(join(await compiledRouter(), 'usage', 'usage-thread.js')).href;
  const program = `
    const { createInterface } = await import('node:readline');
    const { UsageThread } = await import(${JSON.stringify(url)});
    const failures = [];
    const books = new UsageThread(${JSON.stringify(path)}, '1.0.0', (failure) => failures.push(failure));
    for await (const line of createInterface({ input: process.stdin })) {
      for (const rows of JSON.parse(line)) books.push(rows);
      const problem = await books.problem();
      console.log(JSON.stringify({ problem, state: books.state, failures }));
    }
    process.exitCode = await books.close(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    path,
    ask: async (rows = []) => {
      child.stdin.write(`${JSON.stringify(rows)}\n`);
      return JSON.parse(String((await lines.next()).value)) as Told;
    },
    allowGrowth: (allowed) => {
      const limit = allowed ? 'unlimited' : String(statSync(`${path}-wal`).size);
      execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${limit}:unlimited`]);
    },
    close: async () => {
      child.stdin.end();
      return (await once(child, 'exit'))[0] as number;
    },
  };
}

test('a disk that is full is a problem until the rows that wait are written, and is told of once', async () => {
  const books = await booksAlone();
  expect(await books.ask()).toMatchObject({ problem: null, failures: [] });
  books.allowGrowth(false);
  await books.ask([1, 2, 3].map(rowsOf));
  const asked: Told[] = [];
  await expect.poll(async () => asked.push(await books.ask()) && asked.at(-1)?.state.writeFailures, { timeout: 20_000 }).toBeGreaterThan(4);
  // From the second failed try on, whatever a trial that needs no room says in between.
  const known = asked.filter(({ state }) => state.writeFailures > 0);
  expect(new Set(known.map(({ problem }) => problem?.code))).toEqual(new Set(['database-unavailable']));
  expect(asked.at(-1)).toMatchObject({ state: { waiting: 3, lost: 0 }, failures: [{ code: 'database-unavailable' }] });
  expect(asked.at(-1)?.failures).toHaveLength(1);

  books.allowGrowth(true);
  await expect.poll(async () => (await books.ask()).problem, { timeout: 20_000 }).toBeNull();
  expect(await books.ask()).toMatchObject({ state: { waiting: 0, lost: 0 } });
  expect(idsIn(books.path, 'request_usage')).toHaveLength(3);
  expect(await books.close()).toBe(0);
});

test('rows that a full disk kept waiting to the end are counted as lost', async () => {
  const books = await booksAlone();
  await books.ask([1].map(rowsOf));
  await expect.poll(async () => (await books.ask()).state.waiting, { timeout: 20_000 }).toBe(0);
  books.allowGrowth(false);
  await books.ask([1, 2, 3].map(rowsOf));

  expect(await books.close()).toBe(3);
});

test('sums for reports that cannot be written are a problem too, though every row is, and are told of once', async () => {
  const { books, path, failures } = await openBooks('in the same thread');
  onTestFinished(() => books.close(0).then(() => undefined));
  books.push(rowsOf(1));
  await expect.poll(() => books.state.waiting, { timeout: 20_000 }).toBe(0);
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec('ALTER TABLE usage_rollup RENAME TO elsewhere');
  books.push(rowsOf(1));
  await expect.poll(() => books.problem(), { timeout: 20_000 }).toMatchObject({ code: 'database-unavailable' });
  for (let number = 0; number < 20; number += 1) {
    books.push(rowsOf(number));
    await books.used('odd', ['lifetime']);
    expect(await books.problem()).toMatchObject({ detail: expect.stringMatching(/^no such table/) });
    await new Promise((done) => setTimeout(done, 20));
  }
  expect(failures).toHaveLength(1);

  other.exec('ALTER TABLE elsewhere RENAME TO usage_rollup');
  await expect.poll(() => books.problem(), { timeout: 20_000 }).toBeNull();
  expect(idsIn(path, 'request_usage')).toHaveLength(22);
});
