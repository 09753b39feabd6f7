// Reads percentiles from the counted steps of a histogram: the upper end of the step in which the wanted request lies, at most
// 9.1 per cent above the true value, in whole milliseconds.
import { endOfStep } from '../usage/bands.js';

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Requests by step. */
export type Histogram = ReadonlyMap<number, number>;

export const noPercentiles: Percentiles = { p50: null, p95: null, p99: null };

export function percentilesOf(histogram: Histogram): Percentiles {
  const steps = [...histogram].sort(([left], [right]) => left - right);
  const total = steps.reduce((sum, [, requests]) => sum + requests, 0);
  const at = (share: number): number | null => {
    let seen = 0;
    for (const [step, requests] of steps) {
      seen += requests;
      if (seen >= total * share) return Math.round(endOfStep(step));
    }
    return null;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
