// What the metrics learn from a request: the same rows that its usage is made of.
import type { RequestRows } from '../usage/diagnostic-rows.js';

export interface RequestMetrics {
  observe(rows: RequestRows): void;
}

export const noMetrics: RequestMetrics = { observe: () => undefined };
