// The key of one run that opens its own backup for the restore proof. It lies only in the run's undo directory, mode 0600,
// and is removed by the cleanup phase, or with that directory.
import { basename, dirname, join } from 'node:path';
import type { ChangeContext } from '../core/change.js';
import type { FileReads } from '../core/ports/files.js';
import { undoPath } from './undo-path.js';

const purpose = 'backup-identity';

export const identityPath = (context: ChangeContext): string => undoPath(context, purpose);

/** Those of every step of the run; each step has a directory of its own below the run's `undo`. */
export async function identityFiles(files: FileReads, { undoDirectory }: ChangeContext): Promise<readonly string[]> {
  const all = dirname(undoDirectory);
  const directories = basename(all) === 'undo' ? (await files.list(all)).map((name) => join(all, name)) : [undoDirectory];
  const found = await Promise.all(
    directories.map(async (directory) => {
      if ((await files.stat(directory))?.kind !== 'directory') return [];
      return (await files.list(directory)).filter((name) => name.endsWith(`.${purpose}`)).map((name) => join(directory, name));
    }),
  );
  return found.flat();
}
