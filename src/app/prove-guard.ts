// Run in the guard's own bare environment before anything is changed: can everything be read there that revert and validation
// need? A file of its own, so that this short process does not load the engine.
import type { RunFolder } from '../core/ports/run-folders.js';
import { readSecrets } from './known-secrets.js';
import type { Shell } from './shell.js';

export async function proveGuard(shell: Shell, folder: RunFolder): Promise<readonly string[]> {
  const { target } = folder.plan();
  return readSecrets(target, shell.ports(target.root));
}
