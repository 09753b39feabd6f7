// What `lab up` writes down about a practice deployment, so that the other lab commands find it by its home alone.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LabError } from './lab-error.js';
import { type LabLayout, labLayout } from './lab-layout.js';

/** What `lab up` prints and leaves as lab.json; no secret, only where they lie. */
export interface LabRecord {
  readonly version: string;
  readonly url: string;
  readonly upstreamUrl: string;
  readonly models: readonly string[];
  readonly paths: LabLayout;
}

export function readLabRecord(home: string): LabRecord {
  const { record } = labLayout(resolve(home));
  if (!existsSync(record))
    throw new LabError('FILE_MISSING', `${home} holds no practice deployment`, 'make one with: routerctl lab up --home DIR');
  return JSON.parse(readFileSync(record, 'utf8')) as LabRecord;
}
