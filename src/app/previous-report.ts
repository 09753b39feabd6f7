// The report before this one: each report names the last one of its deployment by digest, so that a report that was taken away or
// made up again later is missed by its successor.
import { join } from 'node:path';
import type { Plan } from '../core/plan.js';
import type { ReportEvidence } from '../report/build.js';
import { sha256Hex } from '../report/checksum-list.js';
import type { Shell } from './shell.js';

interface Known {
  readonly runId: string;
  readonly finishedAt: string;
  readonly sha256: string;
}

/** The newest report of the deployment that ended before `endedAt` (RFC 3339, UTC); `sha256` is that of its `report.json`. */
export async function previousReport(
  shell: Shell,
  { target }: Pick<Plan, 'target'>,
  endedAt: string,
): Promise<NonNullable<ReportEvidence['previousReport']> | null> {
  const folders = shell.folders.list().filter((folder) => folder.plan().target.root === target.root);
  const found: Known[] = [];
  for (const folder of folders) {
    for (const directory of folder.reports()) {
      const known = await readKnown(shell, folder.runId, directory);
      if (known !== null && known.finishedAt < endedAt) found.push(known);
    }
  }
  const newest = found.toSorted((a, b) => a.finishedAt.localeCompare(b.finishedAt)).at(-1);
  return newest === undefined ? null : { runId: newest.runId, sha256: newest.sha256 };
}

/** A report that cannot be read is no witness; it must not keep the next one from being written. */
async function readKnown(shell: Shell, runId: string, directory: string): Promise<Known | null> {
  try {
    const text = await shell.signing.files.readText(join(directory, 'report.json'));
    const { finishedAt } = JSON.parse(text) as { readonly finishedAt?: unknown };
    return typeof finishedAt === 'string' ? { runId, finishedAt, sha256: sha256Hex(text) } : null;
  } catch {
    return null;
  }
}
