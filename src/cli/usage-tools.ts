// What the usage report is made with on this machine.
import { clockNode } from '../adapters/clock-node.js';
import { filesNode } from '../adapters/files-node.js';
import { usageRecordsSqlite } from '../adapters/usage-records-sqlite.js';
import type { UsageTools } from '../app/report-usage.js';

export function usageTools(): UsageTools {
  return { clock: clockNode(), files: filesNode(), records: usageRecordsSqlite() };
}
