// What is asked of a SQLite database, as synchronous functions: they run on the main thread for small files and in a
// worker for large ones, so that progress and signals go on while gigabytes are copied.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Cell, Contents, TableFacts } from '../core/ports/databases.js';
import { openSqlite, type SqliteConnection, sqliteFailure } from './sqlite.js';

export interface ContentsOptions {
  readonly newest?: { readonly table: string; readonly column: string };
  readonly digestRows?: boolean;
}

export type SqliteWork =
  | { readonly what: 'contents'; readonly path: string; readonly options: ContentsOptions }
  | { readonly what: 'snapshot'; readonly path: string; readonly to: string; readonly options: ContentsOptions };

export function doSqliteWork(work: SqliteWork): Contents {
  if (work.what === 'contents') return readOnly(work.path, (database) => contentsOf(database, work.options));
  // One statement on a connection of its own: the page-wise backup starts over at every write and never ends under load.
  readOnly(work.path, (database) => database.prepare('VACUUM INTO ?').run(work.to));
  try {
    return readOnly(work.to, (database) => contentsOf(database, work.options));
  } finally {
    for (const suffix of ['-wal', '-shm']) rmSync(`${work.to}${suffix}`, { force: true });
  }
}

export function readOnly<T>(path: string, ask: (database: SqliteConnection) => T): T {
  let database: SqliteConnection | undefined;
  try {
    database = openSqlite(path, { readOnly: true });
    return ask(database);
  } catch (error) {
    throw sqliteFailure(error, path);
  } finally {
    database?.close();
  }
}

/** The identifier in quotes, for names that were read from the schema itself. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export function columnsOf(database: SqliteConnection, table: string): readonly { readonly name: string; readonly pk: number }[] {
  return database.prepare<[string], { name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?)').all(table);
}

export const asCell = (value: unknown): Cell => {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
};

function contentsOf(database: SqliteConnection, options: ContentsOptions): Contents {
  // One read transaction, so that every number below is of the same moment.
  return database.transaction((): Contents => {
    const findings = database.prepare<[], { integrity_check: string }>('PRAGMA integrity_check(5)').all();
    const schema = database
      .prepare<[], { type: string; name: string; sql: string | null }>(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      )
      .all();
    const names = schema
      .filter(({ type }) => type === 'table')
      .map(({ name }) => name)
      .sort();
    const texts = schema.map(({ type, name, sql }) => `${type} ${name} ${sql ?? ''}`).sort();
    return {
      integrity: findings.map((row) => row.integrity_check).join('; '),
      schemaSha256: createHash('sha256').update(texts.join('\n')).digest('hex'),
      tables: names.map((table): TableFacts => ({ table, rows: count(database, table) })),
      newest: newestOf(database, options.newest),
      ...(options.digestRows === true ? { rowsSha256: digest(database, names) } : {}),
    };
  })();
}

function count(database: SqliteConnection, table: string): number {
  return database.prepare<[], { rows: number }>(`SELECT count(*) AS rows FROM ${quoted(table)}`).get()?.rows ?? 0;
}

function newestOf(database: SqliteConnection, asked: ContentsOptions['newest']): Cell {
  if (asked === undefined || !columnsOf(database, asked.table).some(({ name }) => name === asked.column)) return null;
  const row = database.prepare<[], { newest: unknown }>(`SELECT max(${quoted(asked.column)}) AS newest FROM ${quoted(asked.table)}`).get();
  return asCell(row?.newest ?? null);
}

function digest(database: SqliteConnection, tables: readonly string[]): string {
  const hash = createHash('sha256');
  for (const table of tables) {
    const columns = columnsOf(database, table);
    const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const order = (key.length > 0 ? key : columns).map(({ name }) => quoted(name)).join(', ');
    hash.update(`${JSON.stringify([table, columns.map(({ name }) => name)])}\n`);
    const rows = database
      .prepare<[], unknown[]>(`SELECT * FROM ${quoted(table)} ORDER BY ${order}`)
      .safeIntegers()
      .raw()
      .iterate();
    for (const row of rows) hash.update(`${JSON.stringify(row.map(typed))}\n`);
  }
  return hash.digest('hex');
}

/** Value with its type, so that 1, 1.0 and '1' stay different. */
function typed(value: unknown): string {
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  return `${value === null ? 'n' : (typeof value).charAt(0)}${String(value)}`;
}
