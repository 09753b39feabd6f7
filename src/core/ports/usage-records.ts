// A router's usage table, row by row, read without disturbing its writer.
import type { Cell } from './databases.js';

export interface UsageQuestion {
  readonly table: string;
  /** In the order in which a row's cells are handed over; a column that the table does not have is null in every row. */
  readonly columns: readonly string[];
  /** Column with the time of a request, RFC 3339 in UTC, and the moment from which on rows are wanted. */
  readonly time: string;
  readonly from: string;
}

export interface UsageRecords {
  /**
   * Hands over each row, all of one moment. Resolves with the columns that the table does not have.
   * Throws DATABASE_MISSING, DATABASE_BUSY, or DATABASE_DAMAGED, also for a database without the table or its time.
   */
  each(path: string, question: UsageQuestion, visit: (row: readonly Cell[]) => void): Promise<readonly string[]>;
}
