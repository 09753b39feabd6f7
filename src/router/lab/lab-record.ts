// What `lab up` writes down about a practice deployment, so that the other lab commands find it by its home alone.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LabError } from './lab-error.js';
import { type LabLayout, labLayout } from './lab-layout.js';

/** What `lab up` prints and leaves as lab.json; no secret, only where they lie. */
export interface LabRecord {
  readonly version: string;
  readonly url: string;
  readonly upstreamUrl: string;
  readonly models: readonly string[];
  /** Where its administrator looks at the reports; the password lies at `paths.adminPassword`. */
  readonly reportsUrl: string;
  readonly administrator: string;
  readonly paths: LabLayout;
}

export function readLabRecord(home: string): LabRecord {
  const { record } = labLayout(resolve(home));
  let text: string;
  try {
    text = readFileSync(record, 'utf8');
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    if (['ENOENT', 'ENOTDIR'].includes(code))
      throw new LabError('FILE_MISSING', `${home} holds no practice deployment`, 'make one with: routerctl lab up --home DIR');
    throw new LabError('FILE_UNREADABLE', `${record} cannot be read (${code})`, 'ask as the user who started it, or as root');
  }
  try {
    return JSON.parse(text) as LabRecord;
  } catch {
    throw new LabError('FILE_UNREADABLE', `${record} is not what lab up wrote`, 'make a new one with: routerctl lab up --home DIR');
  }
}
