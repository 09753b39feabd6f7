// The one owner of better-sqlite3 (outside the router): opens a file and turns the engine's errors into ours.
// The native module is loaded on the first open, so that commands without a database do not pay for it.
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { RouterctlError } from '../core/errors.js';
import { refuseAbortingBinding } from './sqlite-binding.js';

export type SqliteConnection = Database.Database;

export interface SqliteOptions {
  /** Readers open read-only, so that a bug cannot write; the file must exist. */
  readonly readOnly?: boolean;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs?: number;
}

const load = createRequire(import.meta.url);
let judged = false;

export function openSqlite(path: string, options: SqliteOptions = {}): SqliteConnection {
  if (!judged) refuseAbortingBinding();
  judged = true;
  const Constructor = load('better-sqlite3') as typeof Database;
  const readonly = options.readOnly ?? false;
  return new Constructor(path, { readonly, fileMustExist: readonly, timeout: options.busyTimeoutMs ?? 5000 });
}

/** Errors of the engine as DATABASE_MISSING, DATABASE_DAMAGED, DATABASE_BUSY or NO_ROOM; anything else unchanged. */
export function sqliteFailure(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof RouterctlError || !code.startsWith('SQLITE_')) return error;
  const reason = error instanceof Error ? error.message : code;
  if (code === 'SQLITE_CANTOPEN') {
    return new RouterctlError('DATABASE_MISSING', `the database ${path} cannot be opened`, {
      hint: 'check the path under `databases` in routerctl.yaml, and that this user may read it',
      cause: error,
    });
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new RouterctlError('DATABASE_BUSY', `the database ${path} stayed locked by another process`, {
      hint: `see who holds it: fuser -v ${path}`,
      cause: error,
    });
  }
  if (code === 'SQLITE_FULL') {
    return new RouterctlError('NO_ROOM', `no room left while working on ${path}`, {
      hint: 'free disk space, then run the same command again',
      cause: error,
    });
  }
  return new RouterctlError('DATABASE_DAMAGED', `the database ${path} cannot be read: ${reason}`, {
    hint: `look at it with: sqlite3 ${path} 'PRAGMA integrity_check'`,
    cause: error,
  });
}
