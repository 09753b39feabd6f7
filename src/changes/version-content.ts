// What an installed version consisted of when it was still in use, so that nobody goes back to one that is gone or no longer whole.
// Only what its own list of digests names counts: a program may write beside its files while it runs.
import { createHash } from 'node:crypto';
import type { FileReads } from '../core/ports/files.js';
import { z } from '../core/zod.js';

export const versionContentShape = z.object({
  program: z.object({ name: z.string(), sha256: z.string() }).nullable(),
  /** Of the names and lengths of the files that the version lists; null for a version without a list. */
  listed: z.object({ list: z.string(), sha256: z.string() }).nullable(),
});
export type VersionContent = z.infer<typeof versionContentShape>;

export async function versionContent(
  files: FileReads,
  directory: string,
  { program, list }: { readonly program: string; readonly list: string },
): Promise<VersionContent> {
  const hasList = (await kindOf(files, `${directory}/${list}`)) === 'file';
  const isThere = (await kindOf(files, `${directory}/${program}`)) === 'file';
  return {
    program: isThere ? { name: program, sha256: await files.sha256(`${directory}/${program}`) } : null,
    listed: hasList ? { list, sha256: (await lengths(files, directory, list)).sha256 } : null,
  };
}

/** What the directory calls itself, else its name; null when nothing is there. */
export async function versionIn(files: FileReads, directory: string, release: string): Promise<string | null> {
  if ((await files.realPath(directory)) === null) return null;
  const text = await files.readText(`${directory}/${release}`).catch(() => '');
  return /"version"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] ?? directory.slice(directory.lastIndexOf('/') + 1);
}

/** Why the version could not be used again, as the end of a sentence about it; null when all that it had is there. */
export async function versionFault(files: FileReads, directory: string, { program, listed }: VersionContent): Promise<string | null> {
  const real = await files.realPath(directory);
  if (real === null || (await kindOf(files, real)) !== 'directory') return 'is gone';
  const needed = [program?.name, listed?.list].filter((name) => name !== undefined);
  for (const name of needed) if ((await kindOf(files, `${directory}/${name}`)) === null) return `is not whole: ${name} is missing`;
  if (program !== null && (await files.sha256(`${directory}/${program.name}`)) !== program.sha256)
    return `is not whole: ${program.name} is another file than before`;
  if (listed === null) return null;
  const now = await lengths(files, directory, listed.list);
  if (now.sha256 === listed.sha256) return null;
  return now.missing === null ? 'is not whole: its files are not those of before' : `is not whole: ${now.missing} is missing`;
}

const kindOf = async (files: FileReads, path: string): Promise<string | null> => (await files.stat(path))?.kind ?? null;

async function lengths(
  files: FileReads,
  directory: string,
  list: string,
): Promise<{ readonly sha256: string; readonly missing: string | null }> {
  const names = (await files.readText(`${directory}/${list}`))
    .split('\n')
    .flatMap((line) => /^[0-9a-f]{64} [ *](.+)$/.exec(line)?.[1] ?? []);
  const hash = createHash('sha256');
  let missing: string | null = null;
  for (const name of names.filter((each) => !each.startsWith('/') && !each.split('/').includes('..'))) {
    const facts = await files.stat(`${directory}/${name}`);
    if (facts === null) missing ??= name;
    hash.update(`${name}\0${facts?.kind ?? ''}\0${facts?.bytes ?? ''}\n`);
  }
  return { sha256: hash.digest('hex'), missing };
}
