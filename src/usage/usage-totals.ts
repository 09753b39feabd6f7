// What a set of requests used, added up. Money is kept in billionths of a dollar, in which routers reckon, so that the order of
// rows changes no sum and groups add up to the whole.
import type { Cell } from '../core/ports/databases.js';

const summed = [
  'attempts',
  'fallback_used',
  'stream',
  'latency_ms',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'input_cost_usd',
  'image_cost_usd',
  'output_cost_usd',
  'total_cost_usd',
] as const;
type Summed = (typeof summed)[number];

export const totalColumns = ['request_id', 'status', ...summed] as const;

export interface UsageFigures {
  readonly requests: number;
  /** With a status of 400 or more. */
  readonly errors: number;
  readonly attempts: number;
  readonly fallbacks: number;
  readonly streams: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  /** US dollars, as each of the four below. */
  readonly inputCostUsd: number;
  readonly imageCostUsd: number;
  readonly outputCostUsd: number;
  readonly totalCostUsd: number;
  /** Null when there is no request. */
  readonly averageLatencyMs: number | null;
  readonly longestLatencyMs: number | null;
}

const places = summed.map((name) => ({ name, at: totalColumns.indexOf(name), scale: name.endsWith('_usd') ? 1e9 : 1 }));
const statusAt = totalColumns.indexOf('status');
const latencyAt = totalColumns.indexOf('latency_ms');

export class UsageTotals {
  #requests = 0;
  #errors = 0;
  #longestLatencyMs: number | null = null;
  readonly #sums: Record<Summed, number> = Object.fromEntries(summed.map((name) => [name, 0])) as Record<Summed, number>;

  /** A row whose first cells are `totalColumns`. */
  add(row: readonly Cell[]): void {
    this.#requests += 1;
    if (Number(row[statusAt]) >= 400) this.#errors += 1;
    for (const { name, at, scale } of places) this.#sums[name] += Math.round(Number(row[at] ?? 0) * scale);
    this.#longestLatencyMs = Math.max(this.#longestLatencyMs ?? 0, Number(row[latencyAt] ?? 0));
  }

  figures(): UsageFigures {
    const sums = this.#sums;
    return {
      requests: this.#requests,
      errors: this.#errors,
      attempts: sums.attempts,
      fallbacks: sums.fallback_used,
      streams: sums.stream,
      inputTokens: sums.input_tokens,
      outputTokens: sums.output_tokens,
      totalTokens: sums.total_tokens,
      inputCostUsd: sums.input_cost_usd / 1e9,
      imageCostUsd: sums.image_cost_usd / 1e9,
      outputCostUsd: sums.output_cost_usd / 1e9,
      totalCostUsd: sums.total_cost_usd / 1e9,
      averageLatencyMs: this.#requests === 0 ? null : Math.round(sums.latency_ms / this.#requests),
      longestLatencyMs: this.#longestLatencyMs,
    };
  }
}
