// Signs the license of a practice deployment. Its private key is public on purpose: it is derived from a sentence in this file, so
// that every package can carry the same public key and every test can sign what it needs. It proves nothing about who signed.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { keyIdOf } from '../license/license-file.js';

/** The payload of a license; times are RFC 3339, a limit that is left out is none. */
export interface LicensePayload {
  readonly id: string;
  readonly customer_id: string;
  readonly sku: string;
  readonly product: string;
  readonly issued_at: string;
  readonly not_before: string;
  readonly expires_at: string;
  /** Days after the expiry in which requests are still served, with a warning. */
  readonly grace_days: number;
  readonly features: readonly string[];
  /** Dialects. */
  readonly skins: readonly string[];
  readonly limits: Readonly<Partial<Record<'callers' | 'model_groups' | 'admins' | 'requests_per_month' | 'concurrent', number>>>;
}

/** What RFC 8410 puts before the 32 bytes of an Ed25519 private key. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

export function labLicenseKey(): KeyObject {
  const seed = createHash('sha256').update('the private key of practice licenses, known to everybody').digest();
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

/** PEM. */
export function labLicensePublicKey(): string {
  return createPublicKey(labLicenseKey()).export({ type: 'spki', format: 'pem' }).toString();
}

/** The text of a license file. */
export function signLicense(payload: LicensePayload, key: KeyObject = labLicenseKey()): string {
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
  const signature = sign(null, Buffer.from(text, 'ascii'), key).toString('base64url');
  return `${JSON.stringify({ payload: text, signature, key_id: keyIdOf(createPublicKey(key)) }, null, 2)}\n`;
}

export const labLicense: LicensePayload = {
  id: 'lic_lab',
  customer_id: 'cus_lab',
  sku: 'lab',
  product: 'reference-router',
  issued_at: '2026-01-01T00:00:00Z',
  not_before: '2026-01-01T00:00:00Z',
  expires_at: '2036-01-01T00:00:00Z',
  grace_days: 14,
  features: ['metrics', 'reports'],
  skins: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  limits: { callers: 1000, model_groups: 1000, admins: 100, requests_per_month: 100_000_000, concurrent: 10_000 },
};
