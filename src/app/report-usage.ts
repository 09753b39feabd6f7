// The usage report of one database, and whether every request that a caller remembers was recorded.
import { resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Clock } from '../core/ports/clock.js';
import type { FileReads } from '../core/ports/files.js';
import type { UsageRecords } from '../core/ports/usage-records.js';
import type { Target } from '../core/target.js';
import { type Dimension, dimensions } from '../usage/dimensions.js';
import { sinceMoment } from '../usage/since.js';
import { type UsageReport, usageReport } from '../usage/usage-report.js';

export type UsageDimension = Dimension;
export const usageDimensions: readonly UsageDimension[] = dimensions;

export interface UsageRequest {
  readonly path: string;
  readonly since: string;
  readonly by: Dimension | null;
  /** File with one request id a line; null when nothing is expected. */
  readonly expect: string | null;
}

export interface ReportedUsage extends UsageReport {
  readonly from: string;
  readonly to: string;
  /** Ids that were expected; null when none were. */
  readonly expected: number | null;
}

export interface UsageTools {
  readonly clock: Pick<Clock, 'nowMs' | 'sleep'>;
  readonly files: Pick<FileReads, 'readText'>;
  readonly records: UsageRecords;
}

/** Routers write rows a moment after their answer. */
const settle = { tries: 5, everyMs: 400 };

/** Throws USAGE, FILE_MISSING, FILE_UNREADABLE, and as the records do. */
export async function reportUsage(
  { clock, files, records }: UsageTools,
  { path, since, by, expect }: UsageRequest,
): Promise<ReportedUsage> {
  const nowMs = clock.nowMs();
  const from = sinceMoment(since, nowMs);
  const expected = expect === null ? null : await expectedIds(files, expect);
  let report = await usageReport(records, { path, from, by, expected });
  for (let tries = 1; tries < settle.tries && report.missing.length > 0; tries += 1) {
    await clock.sleep(settle.everyMs);
    report = await usageReport(records, { path, from, by, expected });
  }
  return { ...report, from, to: new Date(nowMs).toISOString(), expected: expected?.length ?? null };
}

async function expectedIds(files: UsageTools['files'], file: string): Promise<readonly string[]> {
  const hint = 'write one request id a line, as in the header X-Request-Id';
  const text = await files.readText(file).catch((error: unknown) => {
    throw error instanceof RouterctlError ? new RouterctlError(error.code, error.message, { hint, cause: error }) : error;
  });
  const ids = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (ids.length === 0) throw new RouterctlError('USAGE', `${file} holds no request id`, { hint });
  return [...new Set(ids)];
}

/** Where the usage of a target is recorded. Throws USAGE when it names no such database. */
export function usageDatabase(target: Target, workingDirectory: string): string {
  const named = target.databases['usage'] ?? Object.values(target.databases)[0];
  if (named === undefined)
    throw new RouterctlError('USAGE', `the target ${target.name} names no database`, {
      hint: 'name the file with --db, or add it under `databases` in routerctl.yaml',
    });
  return resolve(workingDirectory, named.path);
}
