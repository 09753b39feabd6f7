// From what a person types to a report folder: a directory as it is, else the report of the run with that id.
import { join, resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { ReportFiles } from '../core/ports/report-files.js';
import type { RunFolders } from '../core/ports/run-folders.js';

/** Throws FILE_MISSING when nothing there is a report, RUN_UNKNOWN when it is no run either. */
export async function locateReport(files: ReportFiles, word: string, folders: () => Promise<RunFolders>): Promise<string> {
  const named = resolve(word);
  for (const candidate of places(named)) if (await files.exists(join(candidate, 'report.json'))) return candidate;
  if (word.includes('/') || (await files.exists(named))) {
    throw new RouterctlError('FILE_MISSING', `${named} holds no report.json`, { hint: 'name a report folder, a run folder or a run id' });
  }
  const folder = (await folders()).find(word);
  const reported = folder.result()?.report?.directory;
  for (const candidate of [...(reported === undefined ? [] : [reported]), ...places(folder.path)])
    if (await files.exists(join(candidate, 'report.json'))) return candidate;
  throw new RouterctlError('FILE_MISSING', `run ${folder.runId} has no report yet`, {
    hint: `build it with: routerctl report build ${folder.runId}`,
  });
}

const places = (directory: string): readonly string[] => [
  directory,
  join(directory, 'report'),
  join(directory, 'unsigned'),
  join(directory, 'report', 'unsigned'),
];
