// Everything that is read from a package, in two passes and without unpacking it, reduced to the few fields that are judged.
import type { HostReadPorts } from '../../src/core/ports/ports.js';
import type { Profile } from '../../src/core/profile.js';
import { elfArchitecture } from './elf-architecture.js';
import { type Release, readRelease, readSums } from './release-document.js';
import { type Finding, SecretScan, type Wanted } from './secret-scan.js';

export type Contents = {
  readonly roots: readonly string[];
  readonly files: number;
  readonly bytes: number;
  readonly release: Release | null;
  readonly sums: null | { readonly missing: readonly string[]; readonly extra: readonly string[]; readonly differing: readonly string[] };
  /** ELF files by architecture, one example each. */
  readonly built: readonly { readonly architecture: string; readonly example: string }[];
  readonly setuid: readonly string[];
  readonly programs: readonly { readonly name: string; readonly executable: boolean }[];
  /** Of the secret scan, those that nobody has reviewed: the first ones, and how many in all. */
  readonly secrets: readonly Finding[];
  readonly secretCount: number;
};

const maxNames = 20;
const maxDocumentBytes = 4 * 1024 * 1024;

export async function packageContents(
  path: string,
  archives: HostReadPorts['archives'],
  profile: NonNullable<Profile['package']>,
  wanted: Wanted,
  isReviewed: (finding: Finding) => boolean,
): Promise<Contents> {
  const entries = await archives.list(path);
  const roots = [...new Set(entries.map((entry) => entry.path.split('/')[0] ?? ''))];
  const root = `${roots[0] ?? ''}/`;
  const inner = (name: string): string => (name.startsWith(root) ? name.slice(root.length) : name);
  const documents = new Map<string, Buffer[]>([
    [profile.release, []],
    [profile.sums, []],
  ]);
  const scan = new SecretScan(wanted, isReviewed);
  const found = await archives.examine(path, (entry, bytes) => {
    const name = inner(entry);
    scan.chunk(name, bytes);
    const document = documents.get(name);
    if (document !== undefined && document.reduce((sum, part) => sum + part.length, 0) < maxDocumentBytes)
      document.push(Buffer.from(bytes));
  });
  scan.end();
  const digests = new Map(found.map((file) => [inner(file.path), file.sha256]));
  const text = (name: string): string | null => (digests.has(name) ? Buffer.concat(documents.get(name) ?? []).toString('utf8') : null);
  const releaseText = text(profile.release);
  const release = releaseText === null ? null : readRelease(releaseText);
  const built = new Map<string, string>();
  for (const { path: name, head } of found) {
    const architecture = elfArchitecture(head);
    if (architecture !== null && !built.has(architecture)) built.set(architecture, inner(name));
  }
  const executables = new Set(
    entries.filter(({ kind, mode }) => kind === 'file' && (mode & 0o111) !== 0).map((entry) => inner(entry.path)),
  );
  return {
    roots: roots.slice(0, maxNames),
    files: found.length,
    bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
    release,
    sums: compareSums(text(profile.sums), digests, profile.sums),
    built: [...built].map(([architecture, example]) => ({ architecture, example })),
    setuid: entries
      .filter(({ mode }) => (mode & 0o6000) !== 0)
      .map((entry) => inner(entry.path))
      .slice(0, maxNames),
    programs: (release?.programs ?? []).map((name) => ({ name, executable: executables.has(`bin/${name}`) })),
    secrets: scan.open.slice(0, maxNames),
    secretCount: scan.openCount,
  };
}

function compareSums(text: string | null, digests: ReadonlyMap<string, string>, sumsName: string): Contents['sums'] {
  const sums = text === null ? null : readSums(text);
  if (sums === null) return null;
  const names = [...digests.keys()].filter((name) => name !== sumsName);
  return {
    missing: [...sums.keys()].filter((name) => !digests.has(name)).slice(0, maxNames),
    extra: names.filter((name) => !sums.has(name)).slice(0, maxNames),
    differing: names.filter((name) => sums.has(name) && sums.get(name) !== digests.get(name)).slice(0, maxNames),
  };
}
