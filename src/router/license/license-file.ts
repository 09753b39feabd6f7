// The license file: a payload and an Ed25519 signature over it. Nothing of the payload is believed before the signature is
// checked, and the payload's own text is what was signed, so that no two programs can disagree about its spelling.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

export const licenseFeatures = ['metrics', 'reports'] as const;
export type LicenseFeature = (typeof licenseFeatures)[number];

export interface LicenseLimits {
  readonly callers: number | null;
  readonly modelGroups: number | null;
  readonly admins: number | null;
  readonly requestsPerMonth: number | null;
  readonly concurrent: number | null;
}

/** Times are milliseconds since the epoch; null in a limit: none. */
export interface License {
  readonly id: string;
  readonly customerId: string;
  readonly sku: string;
  readonly product: string;
  readonly issuedAtMs: number;
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
  /** Until when an expired license still serves, with a warning. */
  readonly graceUntilMs: number;
  readonly features: ReadonlySet<string>;
  /** Dialects that may be spoken. */
  readonly skins: ReadonlySet<string>;
  readonly limits: LicenseLimits;
  /** Of the key that the signature was checked with. */
  readonly keyId: string;
  /** As it stands in the file. */
  readonly signature: string;
}

const dayMs = 86_400_000;
const largestBytes = 64 * 1024;

/** @throws Error when the text is no Ed25519 public key in PEM */
export function readPublicKey(pem: string): KeyObject {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the key is not an Ed25519 key');
  return key;
}

/** The first 16 hex digits of the SHA-256 of the key's SubjectPublicKeyInfo. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

/**
 * Reads `{"payload","signature","key_id"}`: the payload is base64url of a JSON object, the signature base64url of Ed25519 over
 * the ASCII text of `payload`. Members beside these are nobody's and are passed by.
 * @throws Error with what is wrong, never with what the file holds
 */
export function readLicense(text: string, key: KeyObject): License {
  if (text.length > largestBytes) throw new Error(`the file is larger than ${largestBytes} bytes`);
  const envelope = membersOf(parsed(text, 'the file'), 'the file');
  const payload = word(envelope, 'payload');
  const signature = word(envelope, 'signature');
  const keyId = keyIdOf(key);
  const named = word(envelope, 'key_id');
  if (named !== keyId) throw new Error(`it was signed by the key ${shown(named)}, this router trusts ${keyId}`);
  if (!/^[\w-]{86}$/.test(signature) || !verify(null, Buffer.from(payload, 'ascii'), key, Buffer.from(signature, 'base64url')))
    throw new Error('its signature does not fit its payload');
  const members = membersOf(parsed(Buffer.from(payload, 'base64url').toString('utf8'), 'the payload'), 'the payload');
  const expiresAtMs = time(members, 'expires_at');
  return {
    id: word(members, 'id'),
    customerId: word(members, 'customer_id'),
    sku: word(members, 'sku'),
    product: word(members, 'product'),
    issuedAtMs: time(members, 'issued_at'),
    notBeforeMs: time(members, 'not_before'),
    expiresAtMs,
    graceUntilMs: expiresAtMs + (count(members, 'grace_days') ?? 0) * dayMs,
    features: new Set(words(members, 'features')),
    skins: new Set(words(members, 'skins')),
    limits: limitsOf(members.get('limits')),
    keyId,
    signature,
  };
}

function limitsOf(value: unknown): LicenseLimits {
  const members = value === undefined ? new Map<string, unknown>() : membersOf(value, 'limits');
  return {
    callers: count(members, 'callers'),
    modelGroups: count(members, 'model_groups'),
    admins: count(members, 'admins'),
    requestsPerMonth: count(members, 'requests_per_month'),
    concurrent: count(members, 'concurrent'),
  };
}

type Members = ReadonlyMap<string, unknown>;

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} is not JSON`);
  }
}

function membersOf(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is not a JSON object`);
  return new Map(Object.entries(value));
}

function word(members: Members, name: string): string {
  const value = members.get(name);
  if (typeof value !== 'string' || value === '') throw new Error(`it has no ${name}`);
  return value;
}

function words(members: Members, name: string): string[] {
  const value = members.get(name) ?? [];
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) throw new Error(`its ${name} are not a list of words`);
  return value;
}

function time(members: Members, name: string): number {
  const ms = Date.parse(word(members, name));
  if (Number.isNaN(ms)) throw new Error(`its ${name} is not a time`);
  return ms;
}

function count(members: Members, name: string): number | null {
  const value = members.get(name) ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Error(`its ${name} is not a whole number`);
  return value;
}

function shown(text: string): string {
  return text.replace(/[^\w-]/g, '').slice(0, 32);
}
