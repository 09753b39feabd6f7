// The journal of one run: append-only, hash-chained, at most one fsync an event. A single writer, any number of readers.
import type { RunEvent, RunEventBody } from '../run-event.js';

export interface JournalReads {
  /** Every event after `seq` (all without it), chain checked; throws JOURNAL_DAMAGED with the first bad seq. */
  read(afterSeq?: number): readonly RunEvent[];
  /** The JSONL export: the exact bytes that the chain hashes, a newline after each. */
  exportLines(): string;
  close(): void;
}

export interface Journal extends JournalReads {
  /**
   * Durable when it returns, with everything before it; what checks said is durable with the next other event or a moment later.
   * Refuses text that holds a registered secret (SECRET_IN_JOURNAL).
   */
  append(body: RunEventBody): RunEvent;
}
