// Starts a practice deployment again after it was stopped, or ended with its machine. Its files are as they were: the version that
// was installed last, its ports, its rows.
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { isFree } from './free-port.js';
import { labDown } from './lab-down.js';
import { LabError } from './lab-error.js';
import type { LabLayout } from './lab-layout.js';
import { livesByPidFile } from './lab-process.js';
import { type LabRecord, readLabRecord } from './lab-record.js';
import { startRouter, startUpstream } from './lab-start.js';
import { ownProgramDirectory } from './own-program.js';

export interface LabUpOptions {
  readonly home: string;
  /** Of a new deployment; 1.0.0 when left out. */
  readonly version?: string;
  /** Package to install instead of one that is made now. */
  readonly packageFile?: string;
  /** Directory of the router as a build makes it; that of this code's own build when left out. */
  readonly programDirectory?: string;
  readonly readyWithinMs?: number;
}

export async function labAgain(layout: LabLayout, options: LabUpOptions): Promise<LabRecord> {
  const { home } = layout;
  const { version, packageFile, programDirectory = ownProgramDirectory, readyWithinMs = 15_000 } = options;
  const record = readLabRecord(home);
  if (livesByPidFile(layout.routerPid, layout.config))
    throw new LabError('FILE_EXISTS', `the practice deployment in ${home} runs already`, `stop it with: routerctl lab down --home ${home}`);
  if (version !== undefined || packageFile !== undefined)
    throw new LabError(
      'FILE_EXISTS',
      `${home} already holds a practice deployment`,
      'start it without a version, then bring another one in with: routerctl upgrade',
    );
  const { port } = new URL(record.url);
  // What else listens there would be asked in the router's place, and could be taken for it.
  if (!(await isFree(Number(port))))
    throw new LabError(
      'UNREACHABLE',
      `port ${port}, which the router had, is taken by another program`,
      'stop that program, then try again',
    );
  try {
    if (!livesByPidFile(layout.upstreamPid, layout.upstreamPort))
      await startUpstream(layout, programDirectory, readyWithinMs, Number(new URL(record.upstreamUrl).port));
    await startRouter(record, readyWithinMs);
  } catch (error) {
    await labDown({ home, patienceMs: 1000 });
    throw error;
  }
  return { ...record, version: basename(readlinkSync(layout.current)) };
}
