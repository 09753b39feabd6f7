// SSH signatures (PROTOCOL.sshsig) made and checked without ssh, and byte-compatible with `ssh-keygen -Y`. Reports and approved
// plans use different namespaces, so that a signature over one can never pass for the other.
import { createHash, verify } from 'node:crypto';
import type { SigningKey } from '../core/signing-key.js';
import type { AllowedSigners } from './allowed-signers.js';
import { noRevocations, type Revocations } from './revocations.js';
import {
  publicKeyOfBlob,
  SshReader,
  signatureFromSsh,
  signatureToSsh,
  sshFingerprint,
  sshKeyType,
  sshPublicBlob,
  sshString,
} from './ssh-wire.js';
import { askTrust } from './trust.js';

export const reportNamespace = 'routerctl-report@v1';
export const planNamespace = 'routerctl-plan@v1';

export type SshVerification =
  | { readonly ok: true; readonly identity: string; readonly fingerprint: string }
  | { readonly ok: false; readonly code: 'REPORT_UNTRUSTED' | 'KEY_REVOKED'; readonly reason: string };

const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';

/** The armored signature, as `ssh-keygen -Y sign -n namespace` writes it. */
export function sshSign(namespace: string, message: Uint8Array, key: SigningKey): string {
  const type = sshKeyType(key.publicKey);
  const signature = signatureToSsh(type, key.sign(signedBytes(namespace, 'sha512', message)));
  return armor(
    Buffer.concat([
      Buffer.from('SSHSIG'),
      Buffer.from([0, 0, 0, 1]),
      sshString(sshPublicBlob(key.publicKey)),
      sshString(namespace),
      sshString(''),
      sshString('sha512'),
      sshString(Buffer.concat([sshString(type), sshString(signature)])),
    ]),
  );
}

export function sshVerify(
  namespace: string,
  message: Uint8Array,
  signature: string,
  allowed: AllowedSigners,
  options: { readonly identity?: string; readonly atMs: number; readonly revoked?: Revocations },
): SshVerification {
  const no = (reason: string): SshVerification => ({ ok: false, code: 'REPORT_UNTRUSTED', reason });
  const parsed = parse(signature);
  if (typeof parsed === 'string') return no(parsed);
  if (parsed.namespace !== namespace) return no(`the signature is for ${JSON.stringify(parsed.namespace)}, not for ${namespace}`);
  const fingerprint = sshFingerprint(parsed.publicBlob);
  const { identity, atMs } = options;
  const trust = askTrust(fingerprint, allowed, {
    namespace,
    atMs,
    revoked: options.revoked ?? noRevocations,
    ...(identity === undefined ? {} : { identity }),
  });
  if (!trust.trusted) return { ok: false, code: trust.code, reason: trust.reason };
  const bytes = signedBytes(namespace, parsed.hash, message);
  return verifies(parsed, bytes) ? { ok: true, identity: trust.identity, fingerprint } : no('the signature does not fit the signed bytes');
}

interface Parsed {
  readonly publicBlob: Buffer;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly type: string;
  readonly signature: Buffer;
}

function parse(text: string): Parsed | string {
  const body = text.split('\n').slice(1, -2).join('');
  const bytes = Buffer.from(body, 'base64');
  // written back it must be the same text: then no byte of the file can be changed without notice
  if (armor(bytes) !== text) return 'this is not an SSH signature';
  try {
    const reader = new SshReader(bytes);
    if (reader.take(6).toString('latin1') !== 'SSHSIG' || reader.take(4).readUInt32BE() !== 1)
      return 'this is not an SSH signature of version 1';
    const [publicBlob, namespace, reserved] = [reader.string(), reader.string().toString('utf8'), reader.string()];
    const hash = reader.string().toString('latin1');
    const inner = new SshReader(reader.string());
    const [type, signature] = [inner.string().toString('latin1'), inner.string()];
    if (!reader.done || !inner.done || reserved.length > 0) return 'the SSH signature has parts that do not belong there';
    if (hash !== 'sha512' && hash !== 'sha256') return `the SSH signature uses ${JSON.stringify(hash)}, not sha512 or sha256`;
    return { publicBlob, namespace, hash, type, signature };
  } catch {
    return 'the SSH signature is cut short';
  }
}

function verifies({ publicBlob, type, signature }: Parsed, bytes: Buffer): boolean {
  const key = publicKeyOfBlob(publicBlob);
  if (key === null || sshKeyType(key) !== type) return false;
  try {
    if (type === 'ssh-ed25519') return verify(null, bytes, key, signature);
    return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signatureFromSsh(signature));
  } catch {
    return false;
  }
}

function signedBytes(namespace: string, hash: 'sha256' | 'sha512', message: Uint8Array): Buffer {
  const digest = createHash(hash).update(message).digest();
  return Buffer.concat([Buffer.from('SSHSIG'), sshString(namespace), sshString(''), sshString(hash), sshString(digest)]);
}

function armor(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? [];
  return `${[begin, ...lines, end].join('\n')}\n`;
}
