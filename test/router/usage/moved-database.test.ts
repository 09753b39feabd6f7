import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { UsageBooks } from '../../../src/router/usage/usage-books.js';
import { idsIn, kinds, openBooks, rowsOf } from './books-room.js';

/** Leaves the rows of so many requests, one after another, and waits until nothing waits any more. */
async function leave(books: UsageBooks, requests: number): Promise<readonly string[]> {
  const rows = Array.from({ length: requests }, (_, number) => rowsOf(number));
  for (const each of rows) books.push(each);
  await books.used('odd', ['lifetime']);
  await expect.poll(() => books.state.waiting, { timeout: 20_000 }).toBe(0);
  return rows.map(({ usage }) => usage.request_id).sort();
}

function isWhole(path: string): unknown {
  const database = new Database(path, { readonly: true });
  try {
    return database.pragma('integrity_check', { simple: true });
  } finally {
    database.close();
  }
}

describe.each(Object.keys(kinds))('a database that is taken away from usage written %s', (kind) => {
  test.each(['with its companions', 'without its companions'])('is made anew when it was deleted %s, and said so once', async (how) => {
    const { books, path, failures } = await openBooks(kind);
    await leave(books, 3);
    for (const end of how === 'with its companions' ? ['', '-wal', '-shm'] : ['']) rmSync(`${path}${end}`);
    const later = await leave(books, 4);

    expect(idsIn(path, 'request_usage')).toEqual(later);
    expect(isWhole(path)).toBe('ok');
    expect(failures).toEqual([
      { code: 'database-unavailable', detail: expect.stringMatching(/was deleted or replaced while it was in use/) },
    ]);
    expect(await books.problem()).toBeNull();
    const last = rowsOf(1);
    books.push(last);
    expect(await books.close()).toBe(0);
    expect(idsIn(path, 'request_usage')).toEqual([...later, last.usage.request_id].sort());
  });

  test.each(['nobody', 'somebody'])(
    'gets the rows of afterwards when a copy was put in its place while %s reads, and is whole',
    async (who) => {
      const { books, path, failures } = await openBooks(kind);
      const before = await leave(books, 3);
      const copy = join(dirname(path), 'copy.sqlite');
      const source = new Database(path);
      source.exec(`VACUUM INTO '${copy}'`);
      source.close();
      await leave(books, 6);
      const reader = new Database(path, { readonly: true });
      // Who reads an older state keeps the log of the file from being emptied.
      if (who === 'somebody') reader.exec('BEGIN; SELECT count(*) FROM request_usage');
      await leave(books, 600);
      renameSync(copy, path);
      const later = await leave(books, 4);
      reader.close();

      expect(await books.close()).toBe(0);
      expect(idsIn(path, 'request_usage')).toEqual([...before, ...later].sort());
      expect(isWhole(path)).toBe('ok');
      expect(failures).toHaveLength(1);
    },
  );

  test('keeps all of its rows when it was only moved away, and its successor has the others', async () => {
    const { books, path } = await openBooks(kind);
    const before = await leave(books, 3);
    const elsewhere = join(dirname(path), 'archive');
    mkdirSync(elsewhere);
    renameSync(path, join(elsewhere, 'usage.sqlite'));
    const later = await leave(books, 4);

    expect(await books.close()).toBe(0);
    expect(readdirSync(dirname(path)).sort()).toEqual(['archive', 'usage.sqlite']);
    expect(idsIn(path, 'request_usage')).toEqual(later);
    expect(idsIn(join(elsewhere, 'usage.sqlite'), 'request_usage')).toEqual(before);
  });

  test('is missed without a request', async () => {
    const { books, path, failures } = await openBooks(kind);
    onTestFinished(() => books.close(0).then(() => undefined));
    await leave(books, 1);
    rmSync(path);

    await expect.poll(() => failures.length, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => existsSync(path), { timeout: 20_000 }).toBe(true);
    expect(await books.problem()).toBeNull();
  });

  test('makes the router not ready while it cannot be made anew, and no row is taken for kept', async () => {
    const { books, path, failures } = await openBooks(kind);
    await leave(books, 2);
    const directory = dirname(path);
    const away = `${directory}-away`;
    onTestFinished(() => rmSync(away, { recursive: true, force: true }));
    renameSync(directory, away);
    for (let number = 0; number < 5; number += 1) books.push(rowsOf(number));
    await expect.poll(() => books.state, { timeout: 20_000 }).toMatchObject({ waiting: 5, lost: 0 });
    await expect.poll(() => failures.length, { timeout: 20_000 }).toBe(2);
    expect(await books.problem()).toMatchObject({ code: 'database-unavailable' });
    expect(await books.problem()).toMatchObject({ code: 'database-unavailable' });

    expect(await books.close(0)).toBe(5);
    expect(failures.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/deleted or replaced/),
      expect.stringMatching(/directory/),
    ]);
  });
});
