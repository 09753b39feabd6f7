// SQLite databases of this machine: read without disturbing their writer, copied in one step while writers go on.
import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { RouterctlError } from '../core/errors.js';
import type { Cell, Contents, DatabaseReads, DatabaseSnapshots } from '../core/ports/databases.js';
import { aside, fileFailure, publishNew, statOrNull, syncFile, taken } from './durable-file.js';
import { asCell, columnsOf, doSqliteWork, quoted, readOnly, type SqliteWork } from './sqlite-work.js';
import type { SqliteAnswer } from './sqlite-worker.js';

/** Below this size the work is done before a thread would have started. */
const threadFromBytes = 8 * 1024 * 1024;
const worker = new URL('./sqlite-worker.js', import.meta.url);

export function databasesSqlite(host = 'local'): DatabaseReads & DatabaseSnapshots {
  return {
    host,
    select: async ({ path }, question) => {
      await mustExist(path);
      return readOnly(path, (database) => {
        const known = new Set(columnsOf(database, question.table).map(({ name }) => name));
        const asked = [...question.columns, ...(question.where === undefined ? [] : [question.where.column])];
        const missing = known.size === 0 ? `table ${question.table}` : asked.find((name) => !known.has(name));
        if (missing !== undefined) {
          throw new RouterctlError(
            'DATABASE_DAMAGED',
            `the database ${path} has no ${known.size === 0 ? missing : `column ${question.table}.${missing}`}`,
            {
              hint: 'compare the names under `usage` in the profile with the schema of the product',
            },
          );
        }
        const anyOf = question.where?.anyOf ?? [];
        const filter =
          question.where === undefined ? '' : ` WHERE ${quoted(question.where.column)} IN (${anyOf.map(() => '?').join(', ')})`;
        const text = `SELECT ${question.columns.map(quoted).join(', ')} FROM ${quoted(question.table)}${filter} LIMIT ?`;
        const rows = database.prepare<unknown[], Record<string, unknown>>(text).all(...anyOf, question.limit);
        return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]): [string, Cell] => [name, asCell(value)])));
      });
    },
    contents: async ({ path }, options = {}) => {
      const bytes = await mustExist(path);
      return await run({ what: 'contents', path, options }, bytes);
    },
    size: async ({ path }) => {
      const main = await mustExist(path);
      const journals = await Promise.all(['-wal', '-journal'].map((suffix) => statOrNull(`${path}${suffix}`)));
      return journals.reduce((sum, facts) => sum + (facts?.size ?? 0), main);
    },
    snapshot: async ({ path }, to, options = {}) => {
      const bytes = await mustExist(path);
      try {
        return await aside(to, async (temporary) => {
          if ((await statOrNull(to)) !== null) throw taken(to);
          // VACUUM INTO accepts an empty file; made here, the copy is never readable by others, not even for a moment.
          await (await open(temporary, 'wx', 0o600)).close();
          const contents = await run({ what: 'snapshot', path, to: temporary, options }, bytes);
          await syncFile(temporary);
          await publishNew(temporary, to);
          return contents;
        });
      } catch (error) {
        throw fileFailure(error, to, 'write');
      }
    },
  };
}

async function mustExist(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new RouterctlError('DATABASE_MISSING', `the database ${path} does not exist`, {
      hint: 'check the path under `databases` in routerctl.yaml',
      cause: error,
    });
  }
}

async function run(work: SqliteWork, bytes: number): Promise<Contents> {
  // Run from its TypeScript source the thread's compiled file is not there; the answer is the same, only not beside the main thread.
  if (bytes < threadFromBytes || !existsSync(fileURLToPath(worker))) return doSqliteWork(work);
  const answer = await new Promise<SqliteAnswer>((done, failed) => {
    const thread = new Worker(worker, { workerData: work });
    thread.once('message', done);
    thread.once('error', failed);
    thread.once('exit', (code) => failed(new Error(`the SQLite thread ended with ${code} and no answer`)));
  });
  if ('contents' in answer) return answer.contents;
  if ('bug' in answer) throw new Error(answer.bug);
  const { code, message, hint } = answer.refusal;
  throw new RouterctlError(code, message, hint === null ? {} : { hint });
}
