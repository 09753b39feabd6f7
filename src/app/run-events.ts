// What the journal of a run says, read from beside it: for everybody who does not write it.
import { existsSync } from 'node:fs';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import type { Shell } from './shell.js';

/** Every event, or every one after `afterSeq`; none before the run has said anything. Throws JOURNAL_DAMAGED. */
export function eventsOf(shell: Shell, folder: RunFolder, afterSeq?: number): readonly RunEvent[] {
  if (!existsSync(folder.journalPath)) return [];
  const journal = shell.readJournal(folder);
  try {
    return journal.read(afterSeq);
  } finally {
    journal.close();
  }
}
