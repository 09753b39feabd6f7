// What must be true before the first change: there is room for the way back, signing works, and the guard, in its own bare
// environment, can read every secret.
import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import { secretReferences } from '../core/target-secrets.js';
import type { Shell } from './shell.js';
import { proveSigning } from './sign-report.js';

export type RunProof =
  | { readonly secrets: readonly string[]; readonly signing: string }
  | { readonly refused: string; readonly hint: string | null };

const PROOF_LIMIT_MS = 20_000;

export async function proveRun(shell: Shell, folder: RunFolder, plan: Plan): Promise<RunProof> {
  const room = await roomToGoBack(folder);
  if (room !== null) return room;
  const signing = await proveSigning(shell.signing, plan.target.signing, shell.clock.nowMs());
  if ('refused' in signing) return signing;
  const { exitCode, stdout, stderr } = await shell.processes.runBare(['run', 'prove', folder.path], PROOF_LIMIT_MS);
  if (exitCode === 0) return { secrets: secretReferences(plan.target), signing: signing.signing };
  const said = (stdout.trim() || stderr.trim() || 'it gave no answer').split('\n').slice(0, 3).join('; ');
  return {
    refused: `the guard could not finish this run: ${said}`,
    hint: 'secrets must be readable without your shell: use file: or command: references, not env:',
  };
}

/** Whoever takes a run up frees the room first, since the disk may be full; before it goes on it is held again. */
async function roomToGoBack(folder: RunFolder): Promise<RunProof | null> {
  try {
    await folder.keepReserve();
    return null;
  } catch (error) {
    if (!(error instanceof RouterctlError)) throw error;
    return { refused: error.message, hint: error.hint ?? null };
  }
}
