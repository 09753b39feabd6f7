// Makes a signing key and the line that others put into their allowed_signers file.
import type { SigningKeys } from '../core/ports/signing-keys.js';
import type { KeyAlgorithm } from '../core/signing-key.js';
import { planNamespace, reportNamespace } from '../report/ssh-signature.js';
import { sshFingerprint, sshPublicBlob, sshPublicLine } from '../report/ssh-wire.js';

export interface NewKey {
  readonly path: string;
  readonly algorithm: KeyAlgorithm;
  readonly fingerprint: string;
  readonly allowedSignersLine: string;
}

export async function generateKey(
  keys: SigningKeys,
  order: { readonly path: string; readonly algorithm: KeyAlgorithm; readonly passphrase: string | null; readonly identity: string },
): Promise<NewKey> {
  const key = await keys.generate(order.path, order.algorithm, order.passphrase);
  const publicLine = sshPublicLine(key.publicKey, order.identity);
  await keys.keepPublic(order.path, publicLine, key);
  return {
    path: order.path,
    algorithm: order.algorithm,
    fingerprint: sshFingerprint(sshPublicBlob(key.publicKey)),
    allowedSignersLine: `${order.identity} namespaces="${reportNamespace},${planNamespace}" ${sshPublicLine(key.publicKey)}`,
  };
}
