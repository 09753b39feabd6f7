// What is drawn from the series: which members stand in one picture, and how their numbers are to be read. Part of the summary
// document, so that whoever draws it elsewhere draws the same.
import type { SeriesPoint } from './summary-document.js';

export interface ChartLine {
  /** Where the number stands in a point of the series, for example `latency.p95`. */
  readonly member: string;
  readonly label: string;
  /** How it is coloured; `bad` is for what went wrong. */
  readonly tone: 'one' | 'two' | 'three' | 'bad';
  readonly numberOf: (point: SeriesPoint) => number | null;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: 'requests' | 'tokens' | 'USD' | 'ms';
  /** Bars stand on each other. */
  readonly kind: 'bars' | 'lines';
  readonly lines: readonly ChartLine[];
}

const percentiles = (of: 'latency' | 'ttft'): readonly ChartLine[] =>
  (
    [
      ['p50', 'one'],
      ['p95', 'two'],
      ['p99', 'three'],
    ] as const
  ).map(([which, tone]) => ({ member: `${of}.${which}`, label: which, tone, numberOf: (point) => point[of][which] }));

export const charts: readonly Chart[] = [
  {
    id: 'requests',
    title: 'Requests and errors',
    unit: 'requests',
    kind: 'bars',
    lines: [
      { member: 'requests', label: 'answered', tone: 'one', numberOf: ({ requests, errors }) => requests - errors },
      { member: 'errors', label: 'failed', tone: 'bad', numberOf: ({ errors }) => errors },
    ],
  },
  {
    id: 'tokens',
    title: 'Tokens',
    unit: 'tokens',
    kind: 'bars',
    lines: [
      { member: 'inputTokens', label: 'input', tone: 'one', numberOf: ({ inputTokens }) => inputTokens },
      { member: 'outputTokens', label: 'output', tone: 'two', numberOf: ({ outputTokens }) => outputTokens },
    ],
  },
  {
    id: 'cost',
    title: 'Cost',
    unit: 'USD',
    kind: 'bars',
    lines: [{ member: 'costUsd', label: 'cost', tone: 'one', numberOf: ({ costUsd }) => costUsd }],
  },
  {
    id: 'cache',
    title: 'Cache and fallbacks',
    unit: 'requests',
    kind: 'lines',
    lines: [
      { member: 'cacheHits', label: 'cache hits', tone: 'one', numberOf: ({ cacheHits }) => cacheHits },
      { member: 'cacheMisses', label: 'cache misses', tone: 'two', numberOf: ({ cacheMisses }) => cacheMisses },
      { member: 'fallbacks', label: 'fallbacks', tone: 'bad', numberOf: ({ fallbacks }) => fallbacks },
    ],
  },
  { id: 'latency', title: 'Latency', unit: 'ms', kind: 'lines', lines: percentiles('latency') },
  { id: 'ttft', title: 'Time to first byte', unit: 'ms', kind: 'lines', lines: percentiles('ttft') },
];
