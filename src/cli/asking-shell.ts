// The shell of a command that only asks. It keeps a record like any run; where none can be kept it answers all the same, from a
// directory of its own that is gone afterwards.
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Shell } from '../app/shell.js';

export interface Asking {
  readonly shell: Shell;
  /** The state directory that takes no record; null when the record is kept. */
  readonly unrecorded: string | null;
}

export async function withAskingShell<Result>(ask: (asking: Asking) => Promise<Result>): Promise<Result> {
  const { openShell } = await import('./wiring.js');
  const shell = await openShell();
  if (isWritable(join(shell.stateDirectory, '.routerctl', 'runs')) && isWritable(join(shell.stateDirectory, 'runs')))
    return await ask({ shell, unrecorded: null });
  const aside = mkdtempSync(join(tmpdir(), 'routerctl-unrecorded-'));
  try {
    return await ask({ shell: await openShell({ state: aside }), unrecorded: shell.stateDirectory });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Whether a directory of that name can be written, or made. */
function isWritable(path: string): boolean {
  if (!existsSync(path) && path !== dirname(path)) return isWritable(dirname(path));
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
