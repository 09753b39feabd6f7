// The restore drill of a backup: the same proof that the run made, repeated with the operator's own key.
import { basename, dirname, join } from 'node:path';
import { documentText, verifiedName } from '../core/backup-manifest.js';
import { type Proof, type ProofPorts, proveBackup } from '../core/backup-proof.js';
import type { Clock } from '../core/ports/clock.js';
import type { Secrets } from '../core/ports/secrets.js';

export interface BackupTools {
  readonly host: ProofPorts;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

/** `identityFile` is the file of age-keygen; a file that others can read is refused. */
export async function verifyBackup({ host, clock, secrets }: BackupTools, directory: string, identityFile: string): Promise<Proof> {
  const identity = await secrets.read(`file:${identityFile}`);
  // A fixed name, so that what a killed drill left in plain is removed by the next one.
  const scratch = join(dirname(directory), `.${basename(directory)}.verify-scratch`);
  const proof = await proveBackup({ directory, identity, scratch }, host, clock);
  if (proof.problems.length === 0) {
    const mark = { verifiedAt: new Date(clock.nowMs()).toISOString(), restoreMs: proof.restoreMs, by: 'backup verify' };
    await host.acts.files.replace(join(directory, verifiedName), documentText(mark), { mode: 0o600 });
  }
  return proof;
}
