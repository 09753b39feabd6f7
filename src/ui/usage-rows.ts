// A usage report as rows of a table: one for each group, the total last.
import type { Column } from './table.js';

export interface ShownUsage {
  readonly requests: number;
  readonly errors: number;
  readonly fallbacks: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly totalCostUsd: number;
  readonly averageLatencyMs: number | null;
}

export interface UsageTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const numbers = ['requests', 'errors', 'fallbacks', 'input', 'output', 'tokens', 'cost USD', 'average'].map(
  (title): Column => ({ title, align: 'right' }),
);

/** `by`: heading of the first column; null for the total alone. */
export function usageRows(
  by: string | null,
  { groups, total }: { readonly groups: readonly { readonly key: string; readonly figures: ShownUsage }[]; readonly total: ShownUsage },
): UsageTable {
  if (by === null) return { columns: numbers, rows: [cellsOf(total)] };
  const rows = groups.map(({ key, figures }) => [key, ...cellsOf(figures)]);
  return { columns: [{ title: by }, ...numbers], rows: [...rows, ['total', ...cellsOf(total)]] };
}

function cellsOf(figures: ShownUsage): readonly string[] {
  const { requests, errors, fallbacks, inputTokens, outputTokens, totalTokens, totalCostUsd, averageLatencyMs } = figures;
  const counts = [requests, errors, fallbacks, inputTokens, outputTokens, totalTokens].map((count) => count.toLocaleString('en-US'));
  return [...counts, totalCostUsd.toFixed(6), averageLatencyMs === null ? '-' : `${averageLatencyMs} ms`];
}
