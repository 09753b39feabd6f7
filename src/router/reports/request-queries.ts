// Single requests: a page of the newest that fit some filters, and everything about one of them.
import {
  type AttemptRow,
  attemptColumns,
  type ErrorRow,
  errorColumns,
  type FallbackRow,
  fallbackColumns,
  type TraceRow,
  traceColumns,
} from '../usage/diagnostic-rows.js';
import { measureOf } from '../usage/measures.js';
import type { UsageReader } from '../usage/usage-database.js';
import { type UsageRow, usageColumns } from '../usage/usage-row.js';
import { placeCondition } from './domain-condition.js';
import { conditionsOf } from './report-filters.js';
import { rangeOf } from './report-period.js';
import type { ListedRequests, ListQuestion, RequestQuestion, WholeRequest } from './report-questions.js';
import { summaryQuery } from './summary-query.js';

export function listQuery(reader: UsageReader, question: ListQuestion): ListedRequests {
  const { period, domains, filters, limit, after } = question;
  const place = placeCondition(domains);
  const chosen = conditionsOf(filters);
  const where = ['ts >= ?', 'ts < ?', place.sql, ...chosen.sql];
  const values = [...rangeOf(period), ...place.values, ...chosen.values];
  const page = after === null ? where : [...where, '(ts, rowid) < (?, ?)'];
  const rows = reader.all<UsageRow & { readonly at: number }>(
    `SELECT rowid AS at, ${usageColumns.join(', ')} FROM request_usage WHERE ${page.join(' AND ')} ORDER BY ts DESC, rowid DESC LIMIT ?`,
    [...values, ...(after === null ? [] : [after.ts, after.rowid]), limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(({ at: _, ...row }) => row),
    totalCount: question.counted ? countOf(reader, question, where, values) : null,
    next: rows.length > limit && last !== undefined ? { ts: last.ts, rowid: last.at } : null,
  };
}

/** Without a filter the sums know it; with one, every row of the period has to be looked at. */
function countOf(
  reader: UsageReader,
  { period, domains, filters }: ListQuestion,
  where: readonly string[],
  values: readonly (string | number)[],
): number {
  const everything = !filters.errorsOnly && Object.keys(filters.values).length === 0;
  if (everything) return measureOf(summaryQuery(reader, { kind: 'summary', period, domains }).total, 'requests');
  const [counted] = reader.all<{ total: number }>(`SELECT count(*) AS total FROM request_usage WHERE ${where.join(' AND ')}`, values);
  return counted?.total ?? 0;
}

/** Null too when the request is of another domain: who may not see it does not learn that it is there. */
export function requestQuery(reader: UsageReader, { requestId, domains }: RequestQuestion): WholeRequest | null {
  const place = placeCondition(domains);
  const [usage] = reader.all<UsageRow>(`SELECT ${usageColumns.join(', ')} FROM request_usage WHERE request_id = ? AND ${place.sql}`, [
    requestId,
    ...place.values,
  ]);
  if (usage === undefined) return null;
  const beside = <Row>(table: string, columns: readonly string[], order: string): readonly Row[] =>
    reader.all<Row>(`SELECT ${columns.join(', ')} FROM ${table} WHERE request_id = ? ORDER BY ${order}`, [requestId]);
  return {
    usage,
    attempts: beside<AttemptRow>('request_attempts', attemptColumns, 'attempt_index'),
    trace: beside<TraceRow>('request_trace_events', traceColumns, 'seq'),
    error: beside<ErrorRow>('request_errors', errorColumns, 'ts')[0] ?? null,
    fallbacks: beside<FallbackRow>('request_fallback_transitions', fallbackColumns, 'seq'),
  };
}
