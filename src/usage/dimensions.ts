// By what a usage report can be grouped: a column as it is, or the band that its number falls into.
import type { Cell } from '../core/ports/databases.js';

export const dimensions = [
  'caller',
  'project',
  'environment',
  'model-group',
  'provider',
  'model',
  'status',
  'cache',
  'latency',
  'tokens',
  'cost',
] as const;
export type Dimension = (typeof dimensions)[number];

/** Of a caller or a router that left it out, or of a request that came to no target. */
export const unnamed = '-';

interface Grouping {
  /** Column of `request_usage`. */
  readonly column: string;
  /** Upper ends, below which a number belongs to the band; the last band has none. Null for columns that are taken as they are. */
  readonly bands: readonly (readonly [below: number, name: string])[] | null;
}

const groupings: Readonly<Record<Dimension, Grouping>> = {
  caller: { column: 'caller_id', bands: null },
  project: { column: 'caller_project', bands: null },
  environment: { column: 'caller_environment', bands: null },
  'model-group': { column: 'resolved_group', bands: null },
  provider: { column: 'target_provider', bands: null },
  model: { column: 'target_model', bands: null },
  status: { column: 'status', bands: null },
  cache: { column: 'cache', bands: null },
  latency: {
    column: 'latency_ms',
    bands: [
      [250, 'under 250 ms'],
      [1000, '250 ms to 1 s'],
      [3000, '1 s to 3 s'],
      [10_000, '3 s to 10 s'],
      [30_000, '10 s to 30 s'],
      [Number.POSITIVE_INFINITY, '30 s and more'],
    ],
  },
  tokens: {
    column: 'total_tokens',
    bands: [
      [1, 'none'],
      [100, 'under 100'],
      [1000, '100 to 999'],
      [10_000, '1,000 to 9,999'],
      [100_000, '10,000 to 99,999'],
      [Number.POSITIVE_INFINITY, '100,000 and more'],
    ],
  },
  cost: {
    column: 'total_cost_usd',
    bands: [
      [1e-9, 'free'],
      [0.001, 'under $0.001'],
      [0.01, '$0.001 to $0.01'],
      [0.1, '$0.01 to $0.10'],
      [1, '$0.10 to $1'],
      [Number.POSITIVE_INFINITY, '$1 and more'],
    ],
  },
};

export function columnOf(dimension: Dimension): string {
  return groupings[dimension].column;
}

/** The group that a row belongs to; every row belongs to exactly one. */
export function groupOf(dimension: Dimension, cell: Cell): string {
  const { bands } = groupings[dimension];
  if (cell === null || cell === '') return unnamed;
  if (bands === null) return String(cell);
  return bands.find(([below]) => Number(cell) < below)?.[1] ?? unnamed;
}

/** Bands in their own order; null for what has none. */
export function bandsOf(dimension: Dimension): readonly string[] | null {
  return groupings[dimension].bands?.map(([, name]) => name) ?? null;
}
