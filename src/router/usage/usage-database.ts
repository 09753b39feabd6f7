// The usage database on disk: opened in WAL mode, brought up to date, written in batches, asked whether it can be written.
// The only file of the router that knows the SQLite package.
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { attemptColumns, errorColumns, fallbackColumns, traceColumns } from './diagnostic-rows.js';
import { fileIdentity } from './file-identity.js';
import type { MeasuredRow } from './measures.js';
import { type MigrationKind, migrations, schemaVersionTable } from './migrations.js';
import { measuredOf, type PackedRows, type Values } from './packed-rows.js';
import { UsageRollup } from './usage-rollup.js';
import { usageColumns } from './usage-row.js';

/** The schema was migrated by a newer router in a way that this one cannot live with. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/** Another process holds the write lock right now; the same call may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

/** What a caller has used in a period: `day:2026-11-20`, `month:2026-11` or `lifetime`, in UTC. */
export interface CallerTotal {
  readonly caller_id: string;
  readonly period: string;
  readonly requests: number;
  readonly tokens: number;
  readonly cost_usd: number;
}

/** What a caller used in one second, for limits per minute. */
export interface RecentUse {
  readonly caller_id: string;
  /** The last moment of it, in RFC 3339. */
  readonly ts: string;
  readonly requests: number;
  readonly tokens: number;
}

/** A connection that can only read, for a thread of its own. */
export interface UsageReader {
  all<Answer>(sql: string, values: readonly unknown[]): readonly Answer[];
  /** The rows as arrays, which costs a third less for many. */
  rows(sql: string, values: readonly unknown[]): Iterable<readonly unknown[]>;
  /** Runs `read` on one state of the database, whatever is written meanwhile. */
  atOneMoment<Answer>(read: () => Answer): Answer;
  /** As of a `UsageDatabase`. */
  readonly gone: boolean;
  close(): void;
}

/** @throws when the file is not there, or is no database */
export function openUsageReader(path: string): UsageReader {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 2000 });
  const opened = fileIdentity(path);
  const prepared = new Map<string, Database.Statement<unknown[], unknown>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? database.prepare<unknown[], unknown>(sql);
    if (prepared.size < 200) prepared.set(sql, known);
    return known;
  };
  return {
    all: <Answer>(sql: string, values: readonly unknown[]) =>
      statement(sql)
        .raw(false)
        .all(...values) as readonly Answer[],
    rows: (sql, values) =>
      statement(sql)
        .raw(true)
        .iterate(...values) as Iterable<readonly unknown[]>,
    atOneMoment: (read) => database.transaction(read)(),
    get gone() {
      return fileIdentity(path) !== opened;
    },
    close: () => database.close(),
  };
}

export class UsageDatabase {
  readonly #database: Database.Database;
  readonly #file: string | null;
  /** By path, what SQLite keeps beside the file. */
  readonly #beside: ReadonlyMap<string, string | null>;
  readonly #insertAll: (all: readonly PackedRows[]) => void;
  readonly #rollup: UsageRollup;
  readonly #catchUp: (limit: number) => void;

  private constructor(database: Database.Database) {
    this.#database = database;
    this.#file = fileIdentity(database.name);
    this.#beside = new Map([`${database.name}-wal`, `${database.name}-shm`].map((path) => [path, fileIdentity(path)]));
    const inserter = (table: string, columns: readonly string[]): ((row: Values) => void) => {
      const places = columns.map(() => '?').join(', ');
      const statement = database.prepare<unknown[]>(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`);
      // One by one: the package takes the values out of an array more slowly.
      return (row) => statement.run(...row);
    };
    const usage = inserter('request_usage', usageColumns);
    const attempt = inserter('request_attempts', attemptColumns);
    const trace = inserter('request_trace_events', traceColumns);
    const error = inserter('request_errors', errorColumns);
    const fallback = inserter('request_fallback_transitions', fallbackColumns);
    const total = database.prepare<unknown[]>(`
      INSERT INTO caller_totals (caller_id, period, requests, tokens, cost_usd) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (caller_id, period) DO UPDATE
        SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens, cost_usd = cost_usd + excluded.cost_usd`);
    const rollup = new UsageRollup(database);
    const write = database.transaction((all: readonly PackedRows[]) => {
      const measured = all.map(measuredOf);
      rollup.along(measured, () => {
        for (const [row] of all) usage(row);
      });
      for (const [, attempts, traces, failure, fallbacks] of all) {
        for (const row of attempts) attempt(row);
        for (const row of traces) trace(row);
        if (failure !== null) error(failure);
        for (const row of fallbacks) fallback(row);
      }
      for (const { caller_id, period, requests, tokens, cost_usd } of totalsOf(measured))
        total.run(caller_id, period, requests, tokens, cost_usd);
    });
    const catchUp = database.transaction((limit: number) => rollup.catchUp(limit));
    const orForget = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        rollup.forget();
        throw error;
      }
    };
    this.#insertAll = (all) => orForget(() => write.immediate(all));
    this.#rollup = rollup;
    this.#catchUp = (limit) => orForget(() => catchUp.immediate(limit));
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

  /** Rows are missing in the rollup: the latest, or some that an earlier router wrote. */
  get rollupDue(): boolean {
    return this.#rollup.due;
  }

  /** Adds the latest, and some of the others, to the rollup. */
  catchUp(limit: number): void {
    this.#catchUp(limit);
  }

  /** The rows of all requests and the totals of their callers, or nothing. */
  insert(all: readonly PackedRows[]): void {
    this.#insertAll(all);
  }

  /** What a caller has used in the given periods. */
  totals(callerId: string, periods: readonly string[]): readonly CallerTotal[] {
    const places = periods.map(() => '?').join(', ');
    return this.#database
      .prepare<unknown[], CallerTotal>(
        `SELECT caller_id, period, requests, tokens, cost_usd FROM caller_totals WHERE caller_id = ? AND period IN (${places})`,
      )
      .all(callerId, ...periods);
  }

  /** Requests that counted, since a moment in RFC 3339, in the order of time. */
  recent(since: string): readonly RecentUse[] {
    return this.#database
      .prepare<[string], RecentUse>(
        `SELECT caller_id, max(ts) AS ts, count(*) AS requests, sum(total_tokens) AS tokens
         FROM request_usage WHERE ts >= ? AND attempts > 0 GROUP BY substr(ts, 1, 19), caller_id ORDER BY 2`,
      )
      .all(since);
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

  /** Somebody deleted or replaced the file: what is written now goes where nobody will look for it. */
  get gone(): boolean {
    return fileIdentity(this.#database.name) !== this.#file;
  }

  /** A file that was moved away takes all of its rows along, and leaves no log behind that its successor would take for its own. */
  close(): void {
    if (!this.gone) return void this.#database.close();
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A disk that is full holds no end up.
    }
    this.#database.close();
    for (const [path, identity] of this.#beside) if (fileIdentity(path) === identity) rmSync(path, { force: true });
  }
}

/** What requests add to the totals: one counts when an upstream was asked; refusals and answers from the cache use nothing up. */
export function totalsOf(all: readonly MeasuredRow[]): Iterable<CallerTotal> {
  const totals = new Map<string, { caller_id: string; period: string; requests: number; tokens: number; cost_usd: number }>();
  for (const { ts, caller_id, attempts, total_tokens, total_cost_usd } of all) {
    if (attempts === 0) continue;
    for (const period of periodsOf(ts)) {
      const key = `${period} ${caller_id}`;
      const total = totals.get(key) ?? { caller_id, period, requests: 0, tokens: 0, cost_usd: 0 };
      total.requests += 1;
      total.tokens += total_tokens;
      total.cost_usd += total_cost_usd;
      totals.set(key, total);
    }
  }
  return totals.values();
}

/** The periods that a moment in RFC 3339 UTC belongs to. */
export function periodsOf(ts: string): readonly [day: string, month: string, lifetime: string] {
  return [`day:${ts.slice(0, 10)}`, `month:${ts.slice(0, 7)}`, 'lifetime'];
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
