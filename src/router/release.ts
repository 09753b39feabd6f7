// What a build says about itself. The stamp lies as RELEASE.json beside the program, so that one build of the code can be packaged as many versions.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Release {
  readonly version: string;
  readonly commit: string;
  readonly buildDate: string;
  /** Faults that a lab package carries on purpose; empty in every honest build. */
  readonly defects: readonly string[];
  /** Where the package lies that the program runs from; left out when it runs from source. */
  readonly packageDirectory?: string;
}

const development: Release = { version: 'dev', commit: 'dev', buildDate: 'dev', defects: [] };

/** Walks up from the program's directory to the first RELEASE.json; a program run from source has none and is `dev`. */
export function readRelease(directory: string): Release {
  const file = join(directory, 'RELEASE.json');
  if (existsSync(file)) return parseRelease(readFileSync(file, 'utf8'), file);
  const parent = dirname(directory);
  return parent === directory ? development : readRelease(parent);
}

function parseRelease(text: string, file: string): Release {
  const stamp: unknown = JSON.parse(text);
  if (typeof stamp !== 'object' || stamp === null) throw new Error(`${file} is not a JSON object`);
  const members = new Map<string, unknown>(Object.entries(stamp));
  const word = (name: string): string => {
    const value = members.get(name);
    if (typeof value !== 'string' || value === '') throw new Error(`${file} has no "${name}"`);
    return value;
  };
  const defects = members.get('defects');
  return {
    version: word('version'),
    commit: word('commit'),
    buildDate: word('build_date'),
    defects: Array.isArray(defects) ? defects.map(String) : [],
    packageDirectory: dirname(file),
  };
}
