// Usage books on a real database, in this thread and in one of their own, and rows to leave there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { RequestRows } from '../../../src/router/usage/diagnostic-rows.js';
import type { BooksProblem, UsageBooks } from '../../../src/router/usage/usage-books.js';
import { UsageLedger } from '../../../src/router/usage/usage-ledger.js';
import { compiledRouter } from '../../lab/compiled-router.js';
import { usageRow } from '../reports/usage-rows.js';

interface Kept {
  readonly books: UsageBooks;
  readonly failures: BooksProblem[];
  readonly path: string;
}

export const kinds: Readonly<Record<string, (path: string, onFailure: (problem: BooksProblem) => void) => Promise<UsageBooks>>> = {
  'in the same thread': async (path, onFailure) => new UsageLedger(path, '1.0.0', onFailure),
  'in a thread of its own': async (path, onFailure) => {
    const url = pathToFileURL(join(await compiledRouter(), 'usage', 'usage-thread.js')).href;
    const { UsageThread } = (await import(/* @vite-ignore */ url)) as typeof import('../../../src/router/usage/usage-thread.js');
    return new UsageThread(path, '1.0.0', onFailure);
  },
};

export function room(): string {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-books-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export async function openBooks(kind: string, path = join(room(), 'usage.sqlite')): Promise<Kept> {
  const failures: BooksProblem[] = [];
  const open = kinds[kind];
  if (open === undefined) throw new Error(kind);
  const books = await open(path, (problem) => failures.push(problem));
  return { books, failures, path };
}

export function rowsOf(number: number): RequestRows {
  const usage = usageRow({
    caller_id: number % 2 === 0 ? 'even' : 'odd',
    total_tokens: 10,
    total_cost_usd: 0.5,
    ts: '2026-11-20T12:00:00.000Z',
  });
  const { request_id, ts } = usage;
  const place = { provider: 'primary', model: 'echo-1', dialect: 'openai-chat' };
  const trace = (seq: number, event: 'request_accepted' | 'request_end') => ({
    ...{ request_id, seq, ts, event, message: 'it went on', ...place },
    ...{ duration_ms: null, status_code: null, error_class: null, retryable: null, attempt: null },
  });
  return {
    usage,
    attempts: [
      {
        ...{ request_id, attempt_index: 1, ts, ...place, endpoint_host: '127.0.0.1', duration_ms: 12, status_code: 502 },
        ...{ error_class: 'upstream_status_5xx', error_message: 'the upstream answered with status 502', retryable: 1, timed_out: 0 },
        ...{ client_canceled: 0, selected: 0, fallback_reason: null, request_bytes: 100, response_bytes: 0 },
        ...{ attempt_timeout_ms: 1000, retry_after_ms: null },
      },
    ],
    trace: [trace(1, 'request_accepted'), trace(2, 'request_end')],
    error: {
      ...{ request_id, ts, status: 502, error_type: 'upstream-failed', error_class: 'upstream_status_5xx', error_message: 'it failed' },
      ...{ retryable: 1, attempts: 1, ...place },
    },
    fallbacks: [{ request_id, seq: 1, ts, from_provider: 'a', from_model: 'b', to_provider: 'c', to_model: 'd', reason: 'target_busy' }],
  };
}

export function idsIn(path: string, table: string): readonly string[] {
  const database = new Database(path, { readonly: true });
  try {
    return database
      .prepare<[], { request_id: string }>(`SELECT DISTINCT request_id FROM ${table} ORDER BY 1`)
      .all()
      .map((row) => row.request_id);
  } finally {
    database.close();
  }
}

export function lock(path: string): () => void {
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}
