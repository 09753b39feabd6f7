// Keeps `usage_rollup` in step with `request_usage`. Rows are added up in memory as they are written, and what they add up to goes
// into the table every few thousand rows or every second. `usage_rollup_state` says up to which row it is complete, written in the
// same transaction; the rows after it, whoever wrote them and whatever ended a router, are read beside it by reports and added later.
import { type MeasuredRow, maximum, measuredColumns, measures } from './measures.js';
import { RollupCells, rollupSpansMs } from './rollup-cells.js';

/** What is needed of a connection; `better-sqlite3` has it. */
export interface RollupConnection {
  prepare(sql: string): { run(...values: unknown[]): unknown; get(...values: unknown[]): unknown; all(...values: unknown[]): unknown[] };
}

/** Rows that were written and added up, but are not in the table yet. */
interface Pending {
  readonly cells: RollupCells;
  readonly afterRowid: number;
  throughRowid: number;
  rows: number;
  readonly sinceMs: number;
}

const mostPendingRows = 4000;
const longestPendingMs = 1000;

export class UsageRollup {
  readonly #statements: ReturnType<typeof prepareStatements>;
  #pending: Pending | null = null;
  /** Rows may be missing that this object did not see: of an older router, or of a batch that failed. */
  #behind = true;

  constructor(database: RollupConnection) {
    this.#statements = prepareStatements(database);
  }

  /** Whether `catchUp` has something to do. */
  get due(): boolean {
    return this.#behind || (this.#pending !== null && performance.now() - this.#pending.sinceMs >= longestPendingMs);
  }

  /** Runs `write`, which writes these rows; inside of one write transaction. */
  along(rows: readonly MeasuredRow[], write: () => void): void {
    const { covered, last } = this.#statements;
    const before = last();
    const pending = this.#pending ?? {
      cells: new RollupCells(),
      afterRowid: covered(),
      throughRowid: covered(),
      rows: 0,
      sinceMs: performance.now(),
    };
    write();
    if (before !== pending.throughRowid) return this.forget();
    for (const row of rows) pending.cells.add(row);
    pending.throughRowid = last();
    pending.rows += rows.length;
    this.#pending = pending;
    if (pending.rows >= mostPendingRows) this.#writePending(pending);
  }

  /** Writes what is pending, and adds the next rows that are missing; inside of one write transaction. */
  catchUp(limit: number): void {
    if (this.#pending !== null) this.#writePending(this.#pending);
    if (!this.#behind) return;
    const { covered, next, setCovered } = this.#statements;
    const rows = next(covered(), limit);
    const last = rows.at(-1);
    this.#behind = rows.length === limit;
    if (last === undefined) return;
    const cells = new RollupCells();
    for (const row of rows) cells.add(row);
    this.#write(cells);
    setCovered(last.at);
  }

  /** After a transaction that failed: what was added up may not have been written. */
  forget(): void {
    this.#pending = null;
    this.#behind = true;
  }

  #writePending({ cells, afterRowid, throughRowid }: Pending): void {
    const { covered, setCovered } = this.#statements;
    this.#pending = null;
    if (covered() !== afterRowid) return this.forget();
    this.#write(cells);
    setCovered(throughRowid);
  }

  #write(collected: RollupCells): void {
    const { writeCell, writeHistogram } = this.#statements;
    for (const spanMs of rollupSpansMs) {
      for (const { slot, domain, dimension, value, sums } of collected.cells(spanMs))
        writeCell(spanMs, dimension, slot, domain, value, ...sums);
      for (const { slot, domain, kind, step, requests } of collected.histograms(spanMs))
        writeHistogram(spanMs, kind, slot, domain, step, requests);
    }
  }
}

function prepareStatements(database: RollupConnection) {
  const cell = database.prepare(cellUpsert);
  const histogram = database.prepare(`
    INSERT INTO usage_rollup_histogram (span_ms, kind, slot, domain, step, requests) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (span_ms, kind, slot, domain, step) DO UPDATE SET requests = requests + excluded.requests`);
  const covered = database.prepare('SELECT covered_rowid FROM usage_rollup_state');
  const setCovered = database.prepare('UPDATE usage_rollup_state SET covered_rowid = ?');
  const last = database.prepare('SELECT coalesce(max(rowid), 0) AS last FROM request_usage');
  const next = database.prepare(
    `SELECT rowid AS at, ${measuredColumns.join(', ')} FROM request_usage WHERE rowid > ? ORDER BY rowid LIMIT ?`,
  );
  return {
    writeCell: (...values: unknown[]) => void cell.run(...values),
    writeHistogram: (...values: unknown[]) => void histogram.run(...values),
    covered: () => (covered.get() as { covered_rowid: number }).covered_rowid,
    setCovered: (rowid: number) => void setCovered.run(rowid),
    last: () => (last.get() as { last: number }).last,
    next: (after: number, limit: number) => next.all(after, limit) as (MeasuredRow & { readonly at: number })[],
  };
}

const cellUpsert = `
  INSERT INTO usage_rollup (span_ms, dimension, slot, domain, value, ${measures.join(', ')})
  VALUES (?, ?, ?, ?, ?, ${measures.map(() => '?').join(', ')})
  ON CONFLICT (span_ms, dimension, slot, domain, value) DO UPDATE SET
  ${measures.map((name) => `${name} = ${name === maximum ? `max(${name}, excluded.${name})` : `${name} + excluded.${name}`}`).join(', ')}`;
