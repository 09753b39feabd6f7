// The keys of a practice deployment: a report signing key with its allowed_signers line, and an age pair for backups, whose
// identity stays outside everything that routerctl reads. The only file of the router that knows the age package.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { generateIdentity, identityToRecipient } from 'age-encryption';

export interface SigningKey {
  /** PKCS#8. */
  readonly pem: string;
  readonly allowedSigners: string;
}

const namespaces = 'routerctl-report@v1,routerctl-plan@v1';

export function createSigningKey(identity: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, allowedSigners: `${identity} namespaces="${namespaces}" ecdsa-sha2-nistp256 ${sshPublicKey(publicKey)}\n` };
}

/** The wire form of an SSH public key: type, curve and uncompressed point, each with its length before it. */
function sshPublicKey(key: KeyObject): string {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const fields = [Buffer.from('ecdsa-sha2-nistp256'), Buffer.from('nistp256'), point];
  return Buffer.concat(fields.flatMap((field) => [lengthOf(field), field])).toString('base64');
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field.length);
  return length;
}

export interface BackupKey {
  readonly identity: string;
  readonly recipient: string;
}

export async function createBackupKey(): Promise<BackupKey> {
  const identity = await generateIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}
