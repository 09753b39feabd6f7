import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { databasesSqlite } from '../../src/adapters/databases-sqlite.js';
import { startBusyWriter } from './busy-writer.js';

const databases = databasesSqlite();
const directory = mkdtempSync(join(tmpdir(), 'databases-'));
afterAll(() => rmSync(directory, { recursive: true }));
let made = 0;
const free = (): string => join(directory, `${made++}.sqlite`);
const at = (path: string) => ({ kind: 'sqlite', path }) as const;
const newest = { table: 'request_usage', column: 'created_at' };

function small(rows = 3): string {
  const path = free();
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE request_usage (request_id TEXT PRIMARY KEY, created_at TEXT, total INTEGER); CREATE TABLE other (a, b)');
  for (let row = 1; row <= rows; row += 1)
    database.prepare('INSERT INTO request_usage VALUES (?, ?, ?)').run(`r${row}`, `2026-01-0${row}`, row);
  database.close();
  return path;
}

test('contents are counts, schema, newest row and the own check of the engine', async () => {
  const path = small();
  const contents = await databases.contents(at(path), { newest });
  expect(contents).toMatchObject({
    integrity: 'ok',
    newest: '2026-01-03',
    tables: [
      { table: 'other', rows: 0 },
      { table: 'request_usage', rows: 3 },
    ],
  });
  expect(contents).not.toHaveProperty('rowsSha256');
});

test('the digest of rows follows values and types, not the order of writing', async () => {
  const digest = async (fill: (database: Database.Database) => void): Promise<string | undefined> => {
    const path = free();
    const database = new Database(path);
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, value)');
    fill(database);
    database.close();
    return (await databases.contents(at(path), { digestRows: true })).rowsSha256;
  };
  const one = await digest((database) => database.exec("INSERT INTO t VALUES (1, 'a'), (2, 'b')"));
  expect(await digest((database) => database.exec("INSERT INTO t VALUES (2, 'b'), (1, 'a')"))).toBe(one);
  const number = await digest((database) => database.exec('INSERT INTO t VALUES (1, 1)'));
  expect(await digest((database) => database.exec("INSERT INTO t VALUES (1, '1')"))).not.toBe(number);
});

test('a selection binds values and refuses names that the schema does not have', async () => {
  const path = small();
  const question = { table: 'request_usage', columns: ['request_id', 'total'], limit: 10 };
  expect(await databases.select(at(path), { ...question, where: { column: 'request_id', anyOf: ['r2', "' OR 1=1 --"] } })).toEqual([
    { request_id: 'r2', total: 2 },
  ]);
  expect(await databases.select(at(path), { ...question, where: { column: 'request_id', anyOf: [] } })).toEqual([]);
  await expect(databases.select(at(path), { ...question, columns: ['request_id" FROM other --'] })).rejects.toThrow('no column');
  await expect(databases.select(at(path), { ...question, table: 'none' })).rejects.toThrow('no table none');
});

test('a snapshot under 200 writes a second ends, is whole, and its facts are its own', async () => {
  const path = free();
  const writer = await startBusyWriter(path);
  try {
    const before = await databases.contents(at(path), { newest });
    const to = free();
    const facts = await databases.snapshot(at(path), to, { newest });
    expect(facts.integrity).toBe('ok');
    expect(String(facts.newest) >= String(before.newest)).toBe(true);
    expect(await databases.contents(at(to), { newest })).toEqual(facts);
    expect(statSync(to).mode & 0o777).toBe(0o600);
    expect(await databases.size(at(path))).toBeGreaterThan(statSync(path).size);
  } finally {
    await writer.stop();
  }
});

test('a snapshot takes no name that is taken, and sweeps what a killed one left', async () => {
  const path = small();
  const to = free();
  const leftover = join(directory, `.${to.slice(directory.length + 1)}.routerctl-tmp-4194305-abc`);
  writeFileSync(leftover, 'half');
  await databases.snapshot(at(path), to);
  await expect(databases.snapshot(at(path), to)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(readdirSync(directory).filter((name) => name.includes('routerctl-tmp'))).toEqual([]);
});

test('reading leaves the file of a stopped router byte for byte as it was', async () => {
  const path = small();
  const bytes = readFileSync(path);
  await databases.contents(at(path), { digestRows: true });
  await databases.snapshot(at(path), free());
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test.each([
  ['missing', () => free(), 'DATABASE_MISSING'],
  [
    'not a database',
    () => {
      const path = free();
      writeFileSync(path, 'x'.repeat(4096));
      return path;
    },
    'DATABASE_DAMAGED',
  ],
  [
    'cut off',
    () => {
      const path = small();
      truncateSync(path, 5000);
      return path;
    },
    'DATABASE_DAMAGED',
  ],
])('a database that is %s is told as such, and no copy appears', async (_name, make, code) => {
  const [path, to] = [make(), free()];
  await expect(databases.contents(at(path)).then(({ integrity }) => integrity === 'ok')).rejects.toMatchObject({ code });
  await expect(databases.snapshot(at(path), to)).rejects.toMatchObject({ code });
  expect(existsSync(to)).toBe(false);
});

test('a database that stays locked is busy, not damaged', async () => {
  const path = free();
  const holder = new Database(path);
  holder.exec('CREATE TABLE t (a); BEGIN EXCLUSIVE');
  await expect(databases.contents(at(path))).rejects.toMatchObject({ code: 'DATABASE_BUSY' });
  holder.close();
});
