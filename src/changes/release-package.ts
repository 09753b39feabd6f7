// What a binary package says about itself: its one root directory, its release document and the digests of its files.
import { createHash } from 'node:crypto';
import { RouterctlError } from '../core/errors.js';
import type { HostReadPorts } from '../core/ports/ports.js';
import type { Profile } from '../core/profile.js';
import { z } from '../core/zod.js';

export interface ReleasePackage {
  readonly path: string;
  readonly root: string;
  readonly version: string;
  readonly programs: readonly string[];
  readonly migrations: string;
  /** Path below the root -> sha256, the list of digests itself included. */
  readonly manifest: Readonly<Record<string, string>>;
  readonly bytes: number;
}

const release = z.looseObject({ version: z.string(), programs: z.array(z.string()).default([]), migrations: z.string().default('none') });

export async function readReleasePackage(path: string, { archives }: HostReadPorts, profile: Profile): Promise<ReleasePackage> {
  const names = profile.package ?? { release: 'RELEASE.json', sums: 'SHA256SUMS' };
  const entries = await archives.list(path);
  const roots = [...new Set(entries.map((entry) => entry.path.replace(/^\.\//, '').split('/')[0] ?? ''))];
  const [root] = roots;
  if (root === undefined || roots.length !== 1) throw unreadable(path, `it has ${roots.length} root directories instead of one`);
  const sums = await archives.readText(path, `${root}/${names.sums}`);
  const facts = release.safeParse(parsed(await archives.readText(path, `${root}/${names.release}`)));
  if (!facts.success) throw unreadable(path, `${names.release} is not a release document`);
  const manifest = { ...readSums(path, sums), [names.sums]: createHash('sha256').update(sums).digest('hex') };
  const { version, programs, migrations } = facts.data;
  return { path, root, version, programs, migrations, manifest, bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0) };
}

const unreadable = (path: string, problem: string): RouterctlError =>
  new RouterctlError('PACKAGE_UNREADABLE', `${path} is not a release package: ${problem}`, {
    hint: 'fetch the package again and compare its sha256',
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The format of sha256sum: 64 digits, a space, a space or an asterisk, the name. */
function readSums(path: string, text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '');
  const pairs = lines.map((line) => {
    const [, sha256 = '', name = ''] = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line) ?? [];
    if (name === '' || name.startsWith('/') || name.split('/').includes('..'))
      throw unreadable(path, `its list of digests has the line ${JSON.stringify(line)}`);
    return [name, sha256] as const;
  });
  return Object.fromEntries(pairs);
}
