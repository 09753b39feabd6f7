// What a router recorded since a moment, as a whole and by one dimension, and which of the expected requests it did not record.
import type { UsageRecords } from '../core/ports/usage-records.js';
import { bandsOf, columnOf, type Dimension, groupOf } from './dimensions.js';
import { totalColumns, type UsageFigures, UsageTotals } from './usage-totals.js';

export interface UsageReportQuestion {
  /** Of the database. */
  readonly path: string;
  /** RFC 3339 in UTC. */
  readonly from: string;
  readonly by: Dimension | null;
  /** Request ids that must be there; null when nothing is expected. */
  readonly expected: readonly string[] | null;
}

export interface UsageReport {
  readonly total: UsageFigures;
  /** Bands in their order, else the most requests first; empty without a dimension. */
  readonly groups: readonly { readonly key: string; readonly figures: UsageFigures }[];
  /** Expected ids without a row, in the order in which they were given. */
  readonly missing: readonly string[];
  /** Columns that this router does not record; their figures are 0, and their groups `-`. */
  readonly unrecorded: readonly string[];
}

/** The published name; so are the columns. Source: the diagnostics schema reference of GenAI Smart Router. */
const table = 'request_usage';
const time = 'ts';

/** Throws as the records do. */
export async function usageReport(records: UsageRecords, { path, from, by, expected }: UsageReportQuestion): Promise<UsageReport> {
  const total = new UsageTotals();
  const groups = new Map<string, UsageTotals>();
  const missing = new Set(expected ?? []);
  const columns = by === null ? totalColumns : [...totalColumns, columnOf(by)];
  const unrecorded = await records.each(path, { table, columns, time, from }, (row) => {
    total.add(row);
    if (missing.size > 0) missing.delete(String(row[0]));
    if (by === null) return;
    const key = groupOf(by, row[totalColumns.length] ?? null);
    const group = groups.get(key) ?? new UsageTotals();
    group.add(row);
    groups.set(key, group);
  });
  return {
    total: total.figures(),
    groups: by === null ? [] : inOrder(by, groups).map(([key, group]) => ({ key, figures: group.figures() })),
    missing: [...missing],
    unrecorded: [...new Set(unrecorded)],
  };
}

function inOrder(by: Dimension, groups: ReadonlyMap<string, UsageTotals>): readonly (readonly [string, UsageTotals])[] {
  const bands = bandsOf(by);
  const all = [...groups];
  if (bands !== null) return all.sort(([left], [right]) => bands.indexOf(left) - bands.indexOf(right));
  return all.sort(([left, one], [right, other]) => other.figures().requests - one.figures().requests || (left < right ? -1 : 1));
}
