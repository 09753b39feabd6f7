// How versions of a program are laid out on disk: one directory per version, `versions/<v>/bin/<program>`, and a link beside them to the
// one in use. Told from the program that runs; what looks different is described without an artifact, and cannot be upgraded yet.
import { basename, dirname, join } from 'node:path';
import type { FileReads } from '../core/ports/files.js';

export interface Layout {
  readonly program: string;
  readonly versions: string;
  readonly version: string;
  /** null where no link to the version in use was found. */
  readonly current: string | null;
}

/** `program` has its links resolved; null where it does not lie in `<versions>/<v>/bin/`. */
export async function recogniseLayout(program: string, files: Pick<FileReads, 'list' | 'readLink' | 'realPath'>): Promise<Layout | null> {
  const bin = dirname(program);
  const home = dirname(bin);
  const versions = dirname(home);
  const version = basename(home);
  if (basename(bin) !== 'bin' || !/^v?\d/.test(version)) return null;
  const current = await linkTo(home, [dirname(versions), versions], files);
  return { program: basename(program), versions, version, current };
}

async function linkTo(
  home: string,
  directories: readonly string[],
  files: Pick<FileReads, 'list' | 'readLink' | 'realPath'>,
): Promise<string | null> {
  for (const directory of directories)
    for (const name of await files.list(directory).catch(() => [])) {
      const path = join(directory, name);
      if ((await files.readLink(path)) !== null && (await files.realPath(path)) === home) return path;
    }
  return null;
}
