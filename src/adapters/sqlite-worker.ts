// The thread that does SQLite work on large files; it is started per piece of work and ends with it.
import { parentPort, workerData } from 'node:worker_threads';
import type { ErrorCode } from '../core/errors.js';
import { RouterctlError } from '../core/errors.js';
import type { Contents } from '../core/ports/databases.js';
import { doSqliteWork, type SqliteWork } from './sqlite-work.js';

/** What the thread sends back; classes do not survive the way between threads, so that a refusal goes in parts. */
export type SqliteAnswer =
  | { readonly contents: Contents }
  | { readonly refusal: { readonly code: ErrorCode; readonly message: string; readonly hint: string | null } }
  | { readonly bug: string };

function answer(): SqliteAnswer {
  try {
    return { contents: doSqliteWork(workerData as SqliteWork) };
  } catch (error) {
    if (error instanceof RouterctlError) return { refusal: { code: error.code, message: error.message, hint: error.hint ?? null } };
    return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.postMessage(answer());
