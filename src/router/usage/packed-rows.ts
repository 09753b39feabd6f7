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
    usage: rowOf<UsageRow>(usageColumns, usage),
    attempts: attempts.map((values) => rowOf<AttemptRow>(attemptColumns, values)),
    trace: trace.map((values) => rowOf<TraceRow>(traceColumns, values)),
    error: error === null ? null : rowOf<ErrorRow>(errorColumns, error),
    fallbacks: fallbacks.map((values) => rowOf<FallbackRow>(fallbackColumns, values)),
  }));
}

function packed({ usage, attempts, trace, error, fallbacks }: RequestRows): Packed {
  return [
    valuesOf(usageColumns, usage),
    attempts.map((row) => valuesOf(attemptColumns, row)),
    trace.map((row) => valuesOf(traceColumns, row)),
    error === null ? null : valuesOf(errorColumns, error),
    fallbacks.map((row) => valuesOf(fallbackColumns, row)),
  ];
}

/** Loops, since this is done sixty times a request. */
function valuesOf<Row>(columns: readonly (keyof Row)[], row: Row): Values {
  const values = new Array<unknown>(columns.length);
  for (let at = 0; at < columns.length; at += 1) values[at] = row[columns[at] as keyof Row];
  return values;
}

function rowOf<Row>(columns: readonly (keyof Row & string)[], values: Values): Row {
  const row: Record<string, unknown> = {};
  for (let at = 0; at < columns.length; at += 1) row[columns[at] as string] = values[at];
  return row as Row;
}
