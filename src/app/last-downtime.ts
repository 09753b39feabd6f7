// How long users noticed the last upgrade of a deployment, from its report: the one measured figure that a plan can show.
import type { Target } from '../core/target.js';
import type { Shell } from './shell.js';
import { readReport } from './show-report.js';

export interface LastDowntime {
  readonly ms: number;
  /** Day of the upgrade, UTC. */
  readonly on: string;
}

/** Null when no upgrade of this deployment measured it from its beginning to its end, or its report is not at hand. */
export async function lastDowntime(shell: Shell, target: Target): Promise<LastDowntime | null> {
  for (const folder of shell.folders.list()) {
    const result = folder.result();
    if (result?.outcome !== 'upgraded' || result.report === null || folder.plan().target.root !== target.root) continue;
    // A report that is gone or of another version measures nothing for us; an older one may.
    const report = await readReport(shell.signing.files, result.report.directory).catch(() => null);
    if (report?.availability?.downtimeMs == null || (report.availability.holes ?? []).length > 0) continue;
    return { ms: report.availability.downtimeMs, on: report.startedAt.slice(0, 10) };
  }
  return null;
}
