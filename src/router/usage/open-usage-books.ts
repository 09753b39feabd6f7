// A router that was built writes its usage in a thread of its own; one that runs from its TypeScript source has no compiled file for
// the thread and writes in the main one, the same way.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Log } from '../log.js';
import type { BooksProblem, UsageBooks } from './usage-books.js';
import { UsageLedger } from './usage-ledger.js';
import { UsageThread } from './usage-thread.js';

export function openUsageBooks(path: string, routerVersion: string, log: Log): UsageBooks {
  const onFailure = ({ code, detail }: BooksProblem): void => log.error({ error: code, detail }, 'usage database');
  const built = existsSync(fileURLToPath(new URL('./usage-worker.js', import.meta.url)));
  return built ? new UsageThread(path, routerVersion, onFailure) : new UsageLedger(path, routerVersion, onFailure);
}
