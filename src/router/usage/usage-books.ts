// Where requests leave their rows, and who remembers what callers used: the same whether the rows are written in this thread or in
// one of their own.
import type { RequestRows } from './diagnostic-rows.js';
import type { CallerTotal, RecentUse } from './usage-database.js';

export interface BooksProblem {
  readonly code: 'database-unavailable' | 'database-schema-newer' | 'usage-rows-lost';
  readonly detail: string;
}

/** Requests whose rows wait to be written, whose rows were lost, and how often writing failed. */
export interface BooksState {
  readonly waiting: number;
  readonly lost: number;
  readonly writeFailures: number;
}

export interface UsageBooks {
  /** Never waits and never fails: what cannot be kept is counted as lost. */
  push(rows: RequestRows): void;
  readonly state: BooksState;
  /** What a caller has used so far, everything pushed before included; null while the database cannot be read and written. */
  used(callerId: string, periods: readonly string[]): Promise<readonly CallerTotal[] | null>;
  /** What callers used since a moment in RFC 3339; null when the database cannot be read. */
  recent(since: string): Promise<readonly RecentUse[] | null>;
  /** Why usage cannot be kept at this moment; null when it can. */
  problem(): Promise<BooksProblem | null>;
  /** Writes what waits, trying for a while, and ends; returns how many requests lost their rows. */
  close(patienceMs?: number): Promise<number>;
}
