// Takes what requests leave off the request path: a bounded queue, written in one transaction at most every 100 ms and at the end.
// A database that is missing, busy or full keeps the rows waiting and makes the router not ready; it never fails a request.
// A router runs it in a thread of its own (`usage-thread.ts`).
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { RequestRows } from './diagnostic-rows.js';
import { measuredOf, type PackedRows, packed } from './packed-rows.js';
import type { BooksProblem, BooksState, UsageBooks } from './usage-books.js';
import { type CallerTotal, isBusy, type RecentUse, SchemaTooNewError, totalsOf, UsageDatabase } from './usage-database.js';

const flushEveryMs = 100;
const capacity = 20_000;
/** Requests of one transaction: enough to share its cost, few enough that questions are answered soon. */
const batchSize = 500;
/** Rows of an earlier router that one turn adds to the rollup: about ten milliseconds. */
const catchUpSize = 1000;
/** How long another process may hold the database for writing before that is a problem. */
const busyForMs = 10_000;

type Written = 'batch' | 'rollup';

export class UsageLedger implements UsageBooks {
  readonly #path: string;
  readonly #version: string;
  readonly #onFailure: (problem: BooksProblem) => void;
  readonly #patientForMs: number;
  readonly #queue: PackedRows[] = [];
  readonly #timer: NodeJS.Timeout;
  #database: UsageDatabase | null = null;
  #failure: BooksProblem | null = null;
  /** Why the latest batch and the latest sums could not be written: until they are, whatever else goes well. */
  readonly #unwritten = new Map<Written, BooksProblem>();
  #busySinceMs: number | null = null;
  #lost = 0;
  #writeFailures = 0;
  #turning = false;

  /** `onFailure` hears of each new reason why the database cannot be used. */
  constructor(path: string, routerVersion: string, onFailure: (problem: BooksProblem) => void, patientForMs = busyForMs) {
    this.#patientForMs = patientForMs;
    this.#path = path;
    this.#version = routerVersion;
    this.#onFailure = onFailure;
    this.#attempt(() => undefined);
    this.#timer = setInterval(() => void this.#turn(), flushEveryMs);
  }

  push(rows: RequestRows): void {
    this.pushPacked(packed(rows));
  }

  pushPacked(rows: PackedRows): void {
    if (this.#queue.length >= capacity) this.#lost += 1;
    else this.#queue.push(rows);
  }

  /** Writes everything that waits; true when nothing waits any more. */
  flush(): boolean {
    while (this.#queue.length > 0) if (!this.#writeBatch()) return false;
    return true;
  }

  #writeBatch(): boolean {
    const batch = this.#queue.slice(0, batchSize);
    if (!this.#write((database) => database.insert(batch), 'batch')) {
      this.#writeFailures += 1;
      return false;
    }
    this.#queue.splice(0, batch.length);
    return true;
  }

  get state(): BooksState {
    return { waiting: this.#queue.length, lost: this.#lost, writeFailures: this.#writeFailures };
  }

  async used(callerId: string, periods: readonly string[]): Promise<readonly CallerTotal[] | null> {
    let totals: readonly CallerTotal[] | null = null;
    this.flush();
    // Whoever holds the database for writing does not keep others from reading it.
    this.#attempt((database) => {
      totals = withWaiting(database.totals(callerId, periods), callerId, periods, this.#queue);
    });
    return totals;
  }

  async recent(since: string): Promise<readonly RecentUse[] | null> {
    let recent: readonly RecentUse[] | null = null;
    this.#attempt((database) => {
      recent = database.recent(since);
    });
    return recent;
  }

  async problem(): Promise<BooksProblem | null> {
    const problem = this.#write((database) => database.probe()) ? null : this.#failure;
    // A trial is taken back and so needs no room: it may go well on a disk that is full.
    const known = problem ?? this.#unwritten.get('batch') ?? this.#unwritten.get('rollup');
    if (known !== undefined) return known;
    if (this.#lost > 0) return { code: 'usage-rows-lost', detail: `the usage rows of ${this.#lost} requests could not be kept` };
    return null;
  }

  /** Between two batches the event loop gets its turn, so that a burst of rows does not hold streams up. */
  async #turn(): Promise<void> {
    if (this.#turning) return;
    this.#turning = true;
    while (this.#queue.length > 0 && this.#writeBatch()) await nextTurn();
    this.#turning = false;
    if (this.#database?.gone === true) this.#attempt(() => undefined);
    if (this.#database?.rollupDue === true) this.#write((database) => database.catchUp(catchUpSize), 'rollup');
  }

  async close(patienceMs = 5000): Promise<number> {
    clearInterval(this.#timer);
    const endMs = Date.now() + patienceMs;
    while (!this.flush() && Date.now() < endMs) await sleep(50);
    this.#database?.close();
    this.#database = null;
    return this.#lost + this.#queue.length;
  }

  #opened(): UsageDatabase {
    const gone = this.#database?.gone === true ? this.#database : null;
    if (gone !== null) {
      this.#database = null;
      const detail = `the file was deleted or replaced while it was in use; rows go to ${this.#path} as it is from now on`;
      this.#onFailure({ code: 'database-unavailable', detail });
      gone.close();
    }
    this.#database ??= UsageDatabase.open(this.#path, this.#version);
    return this.#database;
  }

  /** Whoever held the database for writing has let it go. */
  #write(act: (database: UsageDatabase) => void, what: Written | null = null): boolean {
    const written = this.#attempt(act, what);
    if (written) this.#busySinceMs = null;
    return written;
  }

  /** A busy database is not a broken one: the write waits for the next turn and the router stays ready. */
  #attempt(act: (database: UsageDatabase) => void, what: Written | null = null): boolean {
    try {
      act(this.#opened());
      this.#failure = null;
      if (what !== null) this.#unwritten.delete(what);
      return true;
    } catch (error) {
      const newer = error instanceof SchemaTooNewError;
      const detail = error instanceof Error ? error.message : 'unknown reason';
      const failure: BooksProblem = { code: newer ? 'database-schema-newer' : 'database-unavailable', detail };
      if (isBusy(error)) this.#failure = this.#isPatient() ? null : failure;
      else this.#failed(failure, what);
      return false;
    }
  }

  /** Counts how long the database has been busy; one that could not even be opened is not waited for. */
  #isPatient(): boolean {
    if (this.#database === null) return false;
    this.#busySinceMs ??= performance.now();
    return performance.now() - this.#busySinceMs < this.#patientForMs;
  }

  #failed(failure: BooksProblem, what: Written | null): void {
    const known = [this.#failure, ...this.#unwritten.values()].some((each) => each?.detail === failure.detail);
    if (!known) this.#onFailure(failure);
    if (what === null) this.#failure = failure;
    else this.#unwritten.set(what, failure);
  }
}

/** What is in the database, and what is not there yet. */
function withWaiting(
  written: readonly CallerTotal[],
  callerId: string,
  periods: readonly string[],
  waiting: readonly PackedRows[],
): readonly CallerTotal[] {
  const mine = waiting.map(measuredOf).filter(({ caller_id }) => caller_id === callerId);
  const unwritten = [...totalsOf(mine)].filter(({ period }) => periods.includes(period));
  return periods.flatMap((period) => {
    const parts = [...written, ...unwritten].filter((total) => total.period === period);
    const sum = (member: 'requests' | 'tokens' | 'cost_usd'): number => parts.reduce((all, part) => all + part[member], 0);
    return parts.length === 0
      ? []
      : [{ caller_id: callerId, period, requests: sum('requests'), tokens: sum('tokens'), cost_usd: sum('cost_usd') }];
  });
}
