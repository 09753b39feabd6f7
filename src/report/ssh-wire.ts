// The byte formats of OpenSSH that signatures and fingerprints are made of (RFC 4251 and RFC 5656).
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

export const sshString = (value: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A positive integer without leading zeros, with one zero byte before a set top bit. */
function sshInteger(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const trimmed = Buffer.from(bytes.subarray(start));
  return sshString((trimmed[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), trimmed]) : trimmed);
}

/** Reads `string` fields one after the other; anything missing or left over is an error of the caller's input. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }
  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError('ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
  string(): Buffer {
    return this.take(this.take(4).readUInt32BE());
  }
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }
}

const p256Type = 'ecdsa-sha2-nistp256';
const ed25519Type = 'ssh-ed25519';
export type SshKeyType = typeof p256Type | typeof ed25519Type;

export function sshKeyType(key: KeyObject): SshKeyType {
  return key.asymmetricKeyType === 'ed25519' ? ed25519Type : p256Type;
}

/** The public key blob: what an OpenSSH public line holds in base64. */
export function sshPublicBlob(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  const x = Buffer.from(jwk.x ?? '', 'base64url');
  if (sshKeyType(key) === ed25519Type) return Buffer.concat([sshString(ed25519Type), sshString(x)]);
  const point = Buffer.concat([Buffer.from([4]), x, Buffer.from(jwk.y ?? '', 'base64url')]);
  return Buffer.concat([sshString(p256Type), sshString('nistp256'), sshString(point)]);
}

/** null for key types that routerctl does not accept, and for damaged blobs. */
export function publicKeyOfBlob(blob: Uint8Array): KeyObject | null {
  try {
    const reader = new SshReader(blob);
    const type = reader.string().toString('latin1');
    if (type === ed25519Type) return exact(reader, { kty: 'OKP', crv: 'Ed25519', x: reader.string().toString('base64url') });
    if (type !== p256Type || reader.string().toString('latin1') !== 'nistp256') return null;
    const point = reader.string();
    if (point.length !== 65 || point[0] !== 4) return null;
    return exact(reader, {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    });
  } catch {
    return null;
  }
}

function exact(reader: SshReader, key: JsonWebKeyLike): KeyObject | null {
  return reader.done ? createPublicKey({ key: { ...key }, format: 'jwk' }) : null;
}

interface JsonWebKeyLike {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
}

/** `SHA256:…`, as `ssh-keygen -lf` prints it; also the key id of our attestations. */
export function sshFingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

export function sshPublicLine(key: KeyObject, comment = ''): string {
  return `${sshKeyType(key)} ${sshPublicBlob(key).toString('base64')}${comment === '' ? '' : ` ${comment}`}`;
}

/** ECDSA: DER to the two integers that SSH writes; Ed25519 stays as it is. */
export function signatureToSsh(type: SshKeyType, signature: Uint8Array): Buffer {
  if (type === ed25519Type) return Buffer.from(signature);
  const der = Buffer.from(signature);
  const rLength = der[3] ?? 0;
  const r = der.subarray(4, 4 + rLength);
  const s = der.subarray(6 + rLength, 6 + rLength + (der[5 + rLength] ?? 0));
  return Buffer.concat([sshInteger(r), sshInteger(s)]);
}

/** The reverse, as 64 bytes r‖s for node's `ieee-p1363`; throws RangeError for anything that is not two proper integers. */
export function signatureFromSsh(blob: Uint8Array): Buffer {
  const reader = new SshReader(blob);
  const parts = [reader.string(), reader.string()].map((integer) => {
    if (!sshInteger(integer).equals(sshString(integer)) || integer.length > 33) throw new RangeError('not an integer');
    const bare = integer[0] === 0 ? integer.subarray(1) : integer;
    if (bare.length > 32 || bare.length === 0) throw new RangeError('not an integer');
    return Buffer.concat([Buffer.alloc(32 - bare.length), bare]);
  });
  if (!reader.done) throw new RangeError('more than two integers');
  return Buffer.concat(parts);
}
