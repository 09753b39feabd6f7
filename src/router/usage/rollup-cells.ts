// Adds usage rows up by time, domain and one dimension at a time. The same code makes the rollup table and reads the raw rows
// that a report needs beside it, so that both agree to the last digit.
import { domainOf } from '../access/policy.js';
import { bandOf, costBands, latencyBands, stepOf, tokenBands } from './bands.js';
import { addRow, addSums, type MeasuredRow, noSums, type Sums } from './measures.js';

/** What is kept. Callers, projects, environments and providers follow from these. */
export const rollupDimensions = ['token', 'model_group', 'model', 'status', 'cache', 'latency_band', 'token_band', 'cost_band'] as const;
export type RollupDimension = (typeof rollupDimensions)[number];
export const histogramKinds = ['latency', 'ttft'] as const;
export type HistogramKind = (typeof histogramKinds)[number];

/** Stretches that are kept added up, each a whole number of those before it: a report takes the longest that fit its period. */
export const rollupSpansMs = [300_000, 3_600_000, 86_400_000] as const;

/** Joins the parts of a value that is a token with its caller, or a model with its provider; in no name of a config. */
export const partsSeparator = '\u001f';

export interface Cell {
  /** Number of spans since the epoch. */
  readonly slot: number;
  readonly domain: string;
  readonly dimension: RollupDimension;
  readonly value: string;
  readonly sums: Sums;
}

export interface HistogramCell {
  readonly slot: number;
  readonly domain: string;
  readonly kind: HistogramKind;
  readonly step: number;
  readonly requests: number;
}

type Steps = Map<number, number>;

/** Requests that are alike in everything that a report can tell apart. */
interface Alike {
  readonly values: readonly string[];
  readonly sums: Sums;
}

/** The requests of one domain in one slot. */
interface Place {
  readonly slot: number;
  readonly domain: string;
  readonly alike: Map<string, Alike>;
  readonly steps: Readonly<Record<HistogramKind, Steps>>;
}

/** Collects rows by slots of `spanMs`. */
export class RollupCells {
  readonly #spanMs: number;
  readonly #places = new Map<string, Place>();
  #minute = '';
  #minuteMs = 0;

  constructor(spanMs: number = rollupSpansMs[0]) {
    this.#spanMs = spanMs;
  }

  /** Rows are first added up by all dimensions at once, since most requests of a moment are alike. */
  add(row: MeasuredRow): void {
    const place = this.#placeOf(row);
    const bands = [bandOf(latencyBands, row.latency_ms), bandOf(tokenBands, row.total_tokens), bandOf(costBands, row.total_cost_usd)];
    const key = `${row.token_id}\n${row.caller_id}\n${row.caller_user}\n${row.target_model}\n${row.target_provider}\n${row.resolved_group}\n${row.status}\n${row.cache}\n${bands[0]}\n${bands[1]}\n${bands[2]}`;
    let alike = place.alike.get(key);
    if (alike === undefined) {
      const token = [row.token_id, row.caller_id, row.caller_user].join(partsSeparator);
      const model = [row.target_model, row.target_provider].join(partsSeparator);
      alike = { values: [token, row.resolved_group, model, String(row.status), row.cache, ...bands], sums: noSums() };
      place.alike.set(key, alike);
    }
    addRow(alike.sums, row);
    count(place.steps.latency, stepOf(row.latency_ms), 1);
    if (row.ttfb_ms !== null) count(place.steps.ttft, stepOf(row.ttfb_ms), 1);
  }

  /** @param spanMs a multiple of the one that was collected by */
  cells(spanMs = this.#spanMs): readonly Cell[] {
    const cells = new Map<string, Cell>();
    for (const place of this.#places.values()) {
      const slot = Math.floor((place.slot * this.#spanMs) / spanMs);
      for (const { values, sums } of place.alike.values())
        for (const [index, dimension] of rollupDimensions.entries()) {
          const value = values[index] ?? '';
          const key = `${slot}\n${place.domain}\n${dimension}\n${value}`;
          let cell = cells.get(key);
          if (cell === undefined) {
            cell = { slot, domain: place.domain, dimension, value, sums: noSums() };
            cells.set(key, cell);
          }
          addSums(cell.sums, sums);
        }
    }
    return [...cells.values()];
  }

  /** @param spanMs a multiple of the one that was collected by */
  histograms(spanMs = this.#spanMs): readonly HistogramCell[] {
    const merged = new Map<
      string,
      { readonly slot: number; readonly domain: string; readonly kind: HistogramKind; readonly steps: Steps }
    >();
    for (const place of this.#places.values())
      for (const kind of histogramKinds) {
        const slot = Math.floor((place.slot * this.#spanMs) / spanMs);
        const key = `${slot}\n${kind}\n${place.domain}`;
        const into = merged.get(key) ?? { slot, domain: place.domain, kind, steps: new Map<number, number>() };
        merged.set(key, into);
        for (const [step, requests] of place.steps[kind]) count(into.steps, step, requests);
      }
    return [...merged.values()].flatMap(({ steps, ...where }) => [...steps].map(([step, requests]) => ({ ...where, step, requests })));
  }

  #placeOf({ ts, caller_project: project, caller_environment: environment }: MeasuredRow): Place {
    const minute = ts.slice(0, 16);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#minuteMs = Date.parse(`${minute}:00Z`);
    }
    const slot = Math.floor(this.#minuteMs / this.#spanMs);
    const key = `${slot}\n${project}\n${environment}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { slot, domain: domainOf({ project, environment }), alike: new Map(), steps: { latency: new Map(), ttft: new Map() } };
      this.#places.set(key, place);
    }
    return place;
  }
}

function count(steps: Steps, step: number, requests: number): void {
  steps.set(step, (steps.get(step) ?? 0) + requests);
}
