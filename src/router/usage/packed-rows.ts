// The rows of many requests as one text, for the way between two threads: values in the order of their columns, since names would
// be most of it, and JSON, since copying objects from thread to thread costs three times as much.
import {
  type AttemptRow,
  attemptColumns,
  type ErrorRow,
  errorColumns,
  type FallbackRow,
  fallbackColumns,
  type RequestRows,
  type TraceRow,
  traceColumns,
} from './diagnostic-rows.js';
import { type UsageRow, usageColumns } from './usage-row.js';

type Values = readonly unknown[];
type Packed = readonly [
  usage: Values,
  attempts: readonly Values[],
  trace: readonly Values[],
  error: Values | null,
  fallbacks: readonly Values[],
];

export function packRows(all: readonly RequestRows[]): string {
  return JSON.stringify(all.map(packed));
}

export function unpackRows(text: string): RequestRows[] {
  return (JSON.parse(text) as Packed[]).map(([usage, attempts, trace, error, fallbacks]) => ({
    usage: rowOf(blanks.usage, usageColumns, usage),
    attempts: attempts.map((values) => rowOf(blanks.attempt, attemptColumns, values)),
    trace: trace.map((values) => rowOf(blanks.trace, traceColumns, values)),
    error: error === null ? null : rowOf(blanks.error, errorColumns, error),
    fallbacks: fallbacks.map((values) => rowOf(blanks.fallback, fallbackColumns, values)),
  }));
}

const blanks = {
  usage: blankOf<UsageRow>(usageColumns),
  attempt: blankOf<AttemptRow>(attemptColumns),
  trace: blankOf<TraceRow>(traceColumns),
  error: blankOf<ErrorRow>(errorColumns),
  fallback: blankOf<FallbackRow>(fallbackColumns),
};

function packed({ usage, attempts, trace, error, fallbacks }: RequestRows): Packed {
  return [
    valuesOf(usageColumns, usage),
    attempts.map((row) => valuesOf(attemptColumns, row)),
    trace.map((row) => valuesOf(traceColumns, row)),
    error === null ? null : valuesOf(errorColumns, error),
    fallbacks.map((row) => valuesOf(fallbackColumns, row)),
  ];
}

/** A row whose members stand in the order of their columns, as a router makes them, gives all values at once. */
export function valuesOf<Row extends object>(columns: readonly (keyof Row & string)[], row: Row): Values {
  return isInOrder(columns, row) ? Object.values(row) : columns.map((column) => row[column]);
}

function isInOrder(columns: readonly string[], row: object): boolean {
  const names = Object.keys(row);
  if (names.length !== columns.length) return false;
  for (let at = 0; at < names.length; at += 1) if (names[at] !== columns[at]) return false;
  return true;
}

function rowOf<Row extends object>(blank: Row, columns: readonly (keyof Row & string)[], values: Values): Row {
  const row = { ...blank } as Record<string, unknown>;
  for (let at = 0; at < columns.length; at += 1) row[columns[at] as string] = values[at];
  return row as Row;
}

/** A row to be filled: one that has all of its members from the start is an object of the fast kind, and one that grows is not. */
function blankOf<Row>(columns: readonly (keyof Row & string)[]): Row {
  return JSON.parse(`{${columns.map((column) => `"${column}":null`).join()}}`) as Row;
}
