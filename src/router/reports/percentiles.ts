// Reads percentiles from the counted steps of a histogram: the upper end of the step in which the wanted request lies, at most
// 9.1 per cent above the true value and never above the longest, in whole milliseconds.
import { endOfStep } from '../usage/bands.js';

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Requests by step. */
export type Histogram = ReadonlyMap<number, number>;

export const noPercentiles: Percentiles = { p50: null, p95: null, p99: null };

/** @param longestMs the longest duration among them, or one that none of them reaches */
export function percentilesOf(histogram: Histogram, longestMs: number): Percentiles {
  const steps = [...histogram].sort(([left], [right]) => left - right);
  const total = steps.reduce((sum, [, requests]) => sum + requests, 0);
  const at = (share: number): number | null => {
    let seen = 0;
    for (const [step, requests] of steps) {
      seen += requests;
      if (seen >= total * share) return Math.min(Math.round(endOfStep(step)), longestMs);
    }
    return null;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
