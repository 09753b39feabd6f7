// The usage database on disk: opened in WAL mode, brought up to date, written in batches, asked whether it can be written.
// The only file of the router that knows the SQLite package.
import Database from 'better-sqlite3';
import { type MigrationKind, migrations, schemaVersionTable } from './migrations.js';
import { type UsageRow, usageColumns } from './usage-row.js';

/** The schema was migrated by a newer router in a way that this one cannot live with. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/** Another process holds the write lock right now; the same call may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

export class UsageDatabase {
  readonly #database: Database.Database;
  readonly #insert: Database.Statement<[UsageRow]>;

  private constructor(database: Database.Database) {
    this.#database = database;
    const places = usageColumns.map((column) => `@${column}`).join(', ');
    this.#insert = database.prepare(`INSERT INTO request_usage (${usageColumns.join(', ')}) VALUES (${places})`);
  }

  static open(path: string, routerVersion: string): UsageDatabase {
    const database = new Database(path, { timeout: 50 });
    try {
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = NORMAL');
      migrate(database, routerVersion);
      return new UsageDatabase(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** All rows or none. */
  insert(rows: readonly UsageRow[]): void {
    const all = this.#database.transaction(() => {
      for (const row of rows) this.#insert.run(row);
    });
    all.immediate();
  }

  /** Takes the write lock and writes, then takes the write back; throws when the database could not be written. */
  probe(): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#database.exec('UPDATE schema_version SET version = version WHERE version = 1');
    } finally {
      this.#database.exec('ROLLBACK');
    }
  }

  close(): void {
    this.#database.close();
  }
}

function migrate(database: Database.Database, routerVersion: string): void {
  const run = database.transaction(() => {
    database.exec(schemaVersionTable);
    const applied = database.prepare<[], { version: number; kind: MigrationKind }>('SELECT version, kind FROM schema_version').all();
    const known = new Set(migrations.map(({ version }) => version));
    const foreign = applied.find(({ version, kind }) => !known.has(version) && kind === 'restore-required');
    if (foreign !== undefined)
      throw new SchemaTooNewError(`schema version ${foreign.version} needs a newer router or the database from before it`);
    const done = new Set(applied.map(({ version }) => version));
    const note = database.prepare('INSERT INTO schema_version (version, name, kind, applied_at, router_version) VALUES (?, ?, ?, ?, ?)');
    for (const { version, name, kind, sql } of migrations) {
      if (done.has(version)) continue;
      database.exec(sql);
      note.run(version, name, kind, new Date().toISOString(), routerVersion);
    }
  });
  run.immediate();
}
