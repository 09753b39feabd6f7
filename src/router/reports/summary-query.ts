// Adds up a period exactly: whole days, hours and five minutes from the rollup, what is left at the ends from the rows themselves,
// and rows that are not in the rollup yet beside it.
import { addSums, type MeasuredRow, maximum, measuredColumns, measureOf, measures, noSums, type Sums } from '../usage/measures.js';
import { type Cell, histogramKinds, RollupCells, type RollupDimension, rollupDimensions, rollupSpansMs } from '../usage/rollup-cells.js';
import type { UsageReader } from '../usage/usage-database.js';
import { domainCondition, placeCondition } from './domain-condition.js';
import { type Histogram, noPercentiles, percentilesOf } from './percentiles.js';
import type { Domains, GroupFigures, SummaryFigures, SummaryQuestion } from './report-questions.js';

/** How long a period may be for each step of its series; a longer one has days. */
const seriesSteps = [
  { spanMs: 300_000, upToMs: 3 * 3_600_000 },
  { spanMs: 3_600_000, upToMs: 4 * 86_400_000 },
] as const;
const longestStepMs = 86_400_000;

/** The year 9999; text compares as time does. */
const endOfTimeMs = 253_402_300_799_999;

export function summaryQuery(reader: UsageReader, { period, domains }: SummaryQuestion): SummaryFigures {
  const { fromMs } = period;
  const toMs = period.open ? endOfTimeMs : period.toMs;
  const slotMs = seriesSteps.find(({ upToMs }) => period.toMs - fromMs <= upToMs)?.spanMs ?? longestStepMs;
  const sums = new SummarySums();
  const collected = new RollupCells(slotMs);
  const place = placeCondition(domains);
  const read = (sql: string, values: readonly unknown[]): void => {
    const columns = measuredColumns.join(', ');
    for (const row of reader.all<MeasuredRow>(`SELECT ${columns} FROM request_usage WHERE ${sql} AND ${place.sql}`, [
      ...values,
      ...place.values,
    ]))
      collected.add(row);
  };
  const parts = partsOf(
    fromMs,
    toMs,
    rollupSpansMs.filter((spanMs) => spanMs <= slotMs),
  );
  for (const part of parts)
    if (part.spanMs === null) read('ts >= ? AND ts < ?', [iso(part.fromMs), iso(part.toMs)]);
    else readRollup(reader, sums, { part, spanMs: part.spanMs, slotMs, domains });
  const [state] = reader.all<{ covered_rowid: number }>('SELECT covered_rowid FROM usage_rollup_state', []);
  // `+ts`: the few rows after a row number are found by it, and not by their time.
  for (const { spanMs, ...part } of parts)
    if (spanMs !== null) read('rowid > ? AND +ts >= ? AND +ts < ?', [state?.covered_rowid ?? 0, iso(part.fromMs), iso(part.toMs)]);
  for (const cell of collected.cells()) sums.add(cell);
  for (const { kind, slot, step, requests } of collected.histograms()) sums.count(kind, slot, step, requests);
  return sums.figures(slotMs);
}

interface Part {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null: read from the rows themselves. */
  readonly spanMs: number | null;
}

/** Splits a period into whole longest spans, with whole shorter ones at both ends, and rows where not even the shortest fits. */
function partsOf(fromMs: number, toMs: number, spansMs: readonly number[]): readonly Part[] {
  if (fromMs >= toMs) return [];
  const spanMs = spansMs.at(-1);
  if (spanMs === undefined) return [{ fromMs, toMs, spanMs: null }];
  const wholeFromMs = Math.ceil(fromMs / spanMs) * spanMs;
  const wholeToMs = Math.floor(toMs / spanMs) * spanMs;
  const shorter = spansMs.slice(0, -1);
  if (wholeFromMs >= wholeToMs) return partsOf(fromMs, toMs, shorter);
  return [...partsOf(fromMs, wholeFromMs, shorter), { fromMs: wholeFromMs, toMs: wholeToMs, spanMs }, ...partsOf(wholeToMs, toMs, shorter)];
}

interface RollupPart {
  readonly part: Part;
  readonly spanMs: number;
  readonly slotMs: number;
  readonly domains: Domains;
}

const summed = measures.map((name) => `${name === maximum ? 'max' : 'sum'}(${name})`).join(', ');

function readRollup(reader: UsageReader, into: SummarySums, { part, spanMs, slotMs, domains }: RollupPart): void {
  const { sql, values } = domainCondition(domains);
  const where = `slot >= ? AND slot < ? AND ${sql}`;
  const range = [part.fromMs / spanMs, part.toMs / spanMs, ...values];
  // Written into the query: a bound number is not whole to SQLite, and then neither is what it divides.
  const seriesSlot = `slot / ${Math.round(slotMs / spanMs)}`;
  const cells = (dimension: RollupDimension, keys: string, group: string): Iterable<readonly unknown[]> =>
    reader.rows(
      `SELECT ${keys}, ${summed} FROM usage_rollup WHERE span_ms = ${spanMs} AND dimension = '${dimension}' AND ${where} GROUP BY ${group}`,
      range,
    );
  for (const [slot, domain, ...numbers] of cells('cache', `${seriesSlot}, domain`, '1, 2'))
    into.addSlot(Number(slot), String(domain), numbers as number[]);
  for (const dimension of rollupDimensions) {
    const byToken = dimension === 'token';
    for (const [value, domain, ...numbers] of cells(dimension, byToken ? 'value, domain' : "value, ''", byToken ? '1, 2' : '1'))
      into.addGroup(dimension, String(value), String(domain), numbers as number[]);
  }
  for (const kind of histogramKinds)
    for (const [slot, step, requests] of reader.rows(
      `SELECT ${seriesSlot}, step, sum(requests) FROM usage_rollup_histogram WHERE span_ms = ${spanMs} AND kind = '${kind}' AND ${where} GROUP BY 1, 2`,
      range,
    ))
      into.count(kind, Number(slot), Number(step), Number(requests));
}

const iso = (ms: number): string => new Date(Math.min(ms, endOfTimeMs)).toISOString();

/** Gathers both kinds of parts. */
class SummarySums {
  readonly #slots = new Map<number, Sums>();
  readonly #groups = new Map<RollupDimension | 'domain', Map<string, GroupFigures & { readonly sums: Sums }>>();
  readonly #steps = { latency: new Map<number, Map<number, number>>(), ttft: new Map<number, Map<number, number>>() };

  /** One dimension is enough for the series and for the domains. */
  addSlot(slot: number, domain: string, numbers: ArrayLike<number>): void {
    const sums = this.#slots.get(slot) ?? noSums();
    addSums(sums, numbers);
    this.#slots.set(slot, sums);
    this.addGroup('domain', '', domain, numbers);
  }

  addGroup(dimension: RollupDimension | 'domain', value: string, domain: string, numbers: ArrayLike<number>): void {
    const groups = this.#groups.get(dimension) ?? new Map<string, GroupFigures & { readonly sums: Sums }>();
    this.#groups.set(dimension, groups);
    const key = `${domain}\n${value}`;
    const group = groups.get(key) ?? { value, domain, sums: noSums() };
    groups.set(key, group);
    addSums(group.sums, numbers);
  }

  add({ slot, domain, dimension, value, sums }: Cell): void {
    if (dimension === 'cache') this.addSlot(slot, domain, sums);
    this.addGroup(dimension, value, dimension === 'token' ? domain : '', sums);
  }

  count(kind: 'latency' | 'ttft', slot: number, step: number, requests: number): void {
    const steps = this.#steps[kind].get(slot) ?? new Map<number, number>();
    this.#steps[kind].set(slot, steps);
    steps.set(step, (steps.get(step) ?? 0) + requests);
  }

  figures(slotMs: number): SummaryFigures {
    const total = noSums();
    for (const sums of this.#slots.values()) addSums(total, sums);
    // No first byte takes longer than its whole request.
    const percentiles = (histogram: Histogram | undefined, of: Sums) =>
      histogram === undefined ? noPercentiles : percentilesOf(histogram, measureOf(of, maximum));
    const slots = [...this.#slots].sort(([left], [right]) => left - right);
    return {
      slotMs,
      slots: slots.map(([slot, sums]) => ({
        startMs: slot * slotMs,
        sums,
        latency: percentiles(this.#steps.latency.get(slot), sums),
        ttft: percentiles(this.#steps.ttft.get(slot), sums),
      })),
      total,
      latency: percentiles(together(this.#steps.latency), total),
      ttft: percentiles(together(this.#steps.ttft), total),
      groups: Object.fromEntries(
        (['domain', ...rollupDimensions] as const).map((dimension) => [dimension, [...(this.#groups.get(dimension)?.values() ?? [])]]),
      ) as unknown as SummaryFigures['groups'],
    };
  }
}

function together(bySlot: ReadonlyMap<number, Histogram>): Histogram {
  const all = new Map<number, number>();
  for (const steps of bySlot.values()) for (const [step, requests] of steps) all.set(step, (all.get(step) ?? 0) + requests);
  return all;
}
