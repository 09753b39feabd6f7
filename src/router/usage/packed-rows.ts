// The rows of a request as values in the order of their columns: what the database takes, and what goes from thread to thread as JSON
// text, since names would be most of it and copying objects between threads costs three times as much.
import { attemptColumns, errorColumns, fallbackColumns, type RequestRows, traceColumns } from './diagnostic-rows.js';
import { type MeasuredRow, measuredColumns } from './measures.js';
import { usageColumns } from './usage-row.js';

export type Values = readonly unknown[];
export type PackedRows = readonly [
  usage: Values,
  attempts: readonly Values[],
  trace: readonly Values[],
  error: Values | null,
  fallbacks: readonly Values[],
];

export function packed({ usage, attempts, trace, error, fallbacks }: RequestRows): PackedRows {
  return [
    valuesOf(usageColumns, usage),
    attempts.map((row) => valuesOf(attemptColumns, row)),
    trace.map((row) => valuesOf(traceColumns, row)),
    error === null ? null : valuesOf(errorColumns, error),
    fallbacks.map((row) => valuesOf(fallbackColumns, row)),
  ];
}

export function packRows(all: readonly RequestRows[]): string {
  return JSON.stringify(all.map(packed));
}

export function unpackRows(text: string): readonly PackedRows[] {
  return JSON.parse(text) as PackedRows[];
}

const measuredAt = measuredColumns.map((column) => [column, usageColumns.indexOf(column)] as const);
/** To be filled: an object that has all of its members from the start is of the fast kind, and one that grows is not. */
const blank = JSON.parse(`{${measuredColumns.map((column) => `"${column}":null`).join()}}`) as MeasuredRow;

/** What is added up of a request. */
export function measuredOf([usage]: PackedRows): MeasuredRow {
  const row: Record<string, unknown> & MeasuredRow = { ...blank };
  for (const [column, at] of measuredAt) row[column] = usage[at] as never;
  return row;
}

/** A row whose members stand in the order of their columns, as a router makes them, gives all values at once. */
function valuesOf<Row extends object>(columns: readonly (keyof Row & string)[], row: Row): Values {
  return isInOrder(columns, row) ? Object.values(row) : columns.map((column) => row[column]);
}

function isInOrder(columns: readonly string[], row: object): boolean {
  const names = Object.keys(row);
  if (names.length !== columns.length) return false;
  for (let at = 0; at < names.length; at += 1) if (names[at] !== columns[at]) return false;
  return true;
}
