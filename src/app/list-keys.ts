// The signing keys of a directory with their fingerprints, read from their public halves so that no passphrase is needed.
import type { SigningKeys } from '../core/ports/signing-keys.js';
import { publicKeyOfBlob, sshFingerprint } from '../report/ssh-wire.js';

export interface ListedKey {
  readonly path: string;
  readonly type: string | null;
  /** As the `.pub` file beside the key says; null when that is gone. */
  readonly fingerprint: string | null;
  readonly identity: string | null;
  readonly encrypted: boolean;
  readonly unsafe: boolean;
}

export async function listKeys(keys: SigningKeys, directory: string): Promise<readonly ListedKey[]> {
  const stored = await keys.list(directory);
  return stored.map(({ path, encrypted, unsafe, publicLine }) => {
    const [type = '', blobText = '', ...comment] = (publicLine ?? '').split(' ');
    const blob = Buffer.from(blobText, 'base64');
    const known = publicKeyOfBlob(blob) !== null;
    return {
      path,
      type: known ? type : null,
      fingerprint: known ? sshFingerprint(blob) : null,
      identity: comment.length > 0 ? comment.join(' ') : null,
      encrypted,
      unsafe,
    };
  });
}
