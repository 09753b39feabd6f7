// The two documents inside a package: what the release says about itself, and the digests of its files.
import type { Json } from '../../src/core/json.js';
import { member } from './ask-router.js';
import type { PackageName } from './package-name.js';
import { isUnreleased } from './release-words.js';

export type Release = {
  readonly product: string | null;
  readonly version: string | null;
  readonly commit: string | null;
  readonly buildDate: string | null;
  readonly os: string | null;
  readonly architecture: string | null;
  readonly programs: readonly string[];
  readonly migrations: string | null;
};

/** null when the text is no JSON object. */
export function readRelease(text: string): Release | null {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return null;
  const said = (name: string): string | null => {
    const value = member(json, name);
    return typeof value === 'string' && value.trim() !== '' ? value : null;
  };
  const listed = member(json, 'programs');
  const programs = Array.isArray(listed) ? (listed as readonly Json[]).filter((name): name is string => typeof name === 'string') : [];
  return {
    product: said('product'),
    version: said('version'),
    commit: said('commit'),
    buildDate: said('build_date'),
    os: said('os'),
    architecture: said('arch'),
    programs,
    migrations: said('migrations'),
  };
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

export function releaseFaults(release: Release, name: PackageName, product: string): string[] {
  const faults: string[] = [];
  const equal = (what: string, found: string | null, wanted: string): void => {
    if (found !== wanted) faults.push(`${what} is ${found ?? 'missing'} in the release document, ${wanted} in the file name`);
  };
  equal('product', release.product, product);
  equal('version', release.version, name.version);
  equal('os', release.os, name.os);
  equal('architecture', release.architecture, name.architecture);
  if (release.version !== null && isUnreleased(release.version)) faults.push(`version ${release.version} is no release`);
  if (release.commit === null || isUnreleased(release.commit)) faults.push(`the release names no commit (${release.commit ?? 'missing'})`);
  if (release.buildDate === null || !rfc3339.test(release.buildDate) || Number.isNaN(Date.parse(release.buildDate)))
    faults.push(`the release names no build date (${release.buildDate ?? 'missing'})`);
  if (release.programs.length === 0) faults.push('the release names no program');
  if (!['none', 'compatible', 'restore-required'].includes(release.migrations ?? ''))
    faults.push(`migrations is ${release.migrations ?? 'missing'}, expected none, compatible or restore-required`);
  return faults;
}

/** Path -> digest; null when a line is not in the format of sha256sum. */
export function readSums(text: string): ReadonlyMap<string, string> | null {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, digest, path] = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line) ?? [];
    if (digest === undefined || path === undefined || sums.has(path)) return null;
    sums.set(path, digest);
  }
  return sums;
}
