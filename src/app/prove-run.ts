// What must be true before the first change: signing works, and the guard, in its own bare environment, can read every secret.
import type { Plan } from '../core/plan.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import { secretReferences } from './known-secrets.js';
import type { Shell } from './shell.js';
import { proveSigning } from './sign-report.js';

export type RunProof =
  | { readonly secrets: readonly string[]; readonly signing: string }
  | { readonly refused: string; readonly hint: string | null };

const PROOF_LIMIT_MS = 20_000;

export async function proveRun(shell: Shell, folder: RunFolder, plan: Plan): Promise<RunProof> {
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
