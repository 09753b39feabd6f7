// Databases of one host, read without disturbing their writer; snapshots are consistent at one moment.
import type { Database } from '../target.js';

export type Cell = string | number | null;

export interface TableFacts {
  readonly table: string;
  readonly rows: number;
}

export interface Contents {
  /** The engine's own check; `ok` or the first findings. */
  readonly integrity: string;
  /** sha256 over the sorted schema text. */
  readonly schemaSha256: string;
  readonly tables: readonly TableFacts[];
  /** Largest value of the asked table's column; null when the table is empty. */
  readonly newest: Cell;
  /** sha256 over all rows of all tables in primary-key order; only when asked. */
  readonly rowsSha256?: string;
}

/** Throws DATABASE_MISSING, DATABASE_DAMAGED or DATABASE_BUSY. */
export interface DatabaseReads {
  readonly host: string;
  /** Names are identifiers checked against the schema; values are bound, never spliced. */
  select(
    database: Database,
    question: {
      readonly table: string;
      readonly columns: readonly string[];
      readonly where?: { readonly column: string; readonly anyOf: readonly Cell[] };
      readonly limit: number;
    },
  ): Promise<readonly Readonly<Record<string, Cell>>[]>;
  contents(
    database: Database,
    options?: { readonly newest?: { readonly table: string; readonly column: string }; readonly digestRows?: boolean },
  ): Promise<Contents>;
  /** Bytes on disk, journals included. */
  size(database: Database): Promise<number>;
}

export interface DatabaseSnapshots {
  readonly host: string;
  /**
   * A consistent copy at one moment while writers go on, in one step; the name must be free. Returns the facts of the same
   * moment, taken from the snapshot itself. Durable when it resolves.
   */
  snapshot(
    database: Database,
    to: string,
    options?: { readonly newest?: { readonly table: string; readonly column: string } },
  ): Promise<Contents>;
}
