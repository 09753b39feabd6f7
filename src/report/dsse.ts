// DSSE envelopes in Sigstore bundles (v0.3, one signature, a local key): the format that cosign and policy engines read. Signed
// are bytes, so no canonical JSON is needed; the bytes that verified are the bytes that get parsed.
import { verify } from 'node:crypto';
import type { SigningKey } from '../core/signing-key.js';
import type { AllowedSigners } from './allowed-signers.js';
import { reportNamespace } from './ssh-signature.js';
import { sshFingerprint, sshPublicBlob } from './ssh-wire.js';
import { askTrust, type TrustQuestion } from './trust.js';

const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const payloadType = 'application/vnd.in-toto+json';

/** What is really signed: the type and the body, each with its length, so that neither can be taken for the other. */
export function preAuthenticationEncoding(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body]);
}

/** A bundle as one line of JSON. Hint and key id are the OpenSSH fingerprint: cosign compares the key id with exactly that. */
export function signBundle(statement: Uint8Array, key: SigningKey): string {
  const keyid = sshFingerprint(sshPublicBlob(key.publicKey));
  const signature = key.sign(preAuthenticationEncoding(payloadType, statement));
  return `${JSON.stringify({
    mediaType,
    verificationMaterial: { publicKey: { hint: keyid } },
    dsseEnvelope: {
      payload: Buffer.from(statement).toString('base64'),
      payloadType,
      signatures: [{ keyid, sig: Buffer.from(signature).toString('base64') }],
    },
  })}\n`;
}

export type BundleVerification =
  | { readonly ok: true; readonly statement: Uint8Array; readonly identity: string; readonly fingerprint: string }
  | { readonly ok: false; readonly code: 'REPORT_UNTRUSTED' | 'KEY_REVOKED'; readonly reason: string };

export function verifyBundle(
  text: string,
  allowed: AllowedSigners,
  /** `atMs` may depend on what the statement says; it is asked with bytes that are not yet verified, for the time alone. */
  question: Omit<TrustQuestion, 'namespace' | 'atMs'> & { readonly atMs: (statement: Uint8Array) => number },
): BundleVerification {
  const no = (reason: string): BundleVerification => ({ ok: false, code: 'REPORT_UNTRUSTED', reason });
  const parts = parseBundle(text);
  if (typeof parts === 'string') return no(parts);
  const { keyid, payload, signature } = parts;
  const trust = askTrust(keyid, allowed, { ...question, namespace: reportNamespace, atMs: question.atMs(payload) });
  if (!trust.trusted) return { ok: false, code: trust.code, reason: trust.reason };
  const algorithm = trust.publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const bytes = preAuthenticationEncoding(payloadType, payload);
  if (!verifiesSafely(algorithm, bytes, trust.publicKey, signature)) return no('the signature of the statement does not fit');
  return { ok: true, statement: payload, identity: trust.identity, fingerprint: keyid };
}

function verifiesSafely(algorithm: string | null, bytes: Buffer, key: Parameters<typeof verify>[2], signature: Buffer): boolean {
  try {
    return verify(algorithm, bytes, key, signature);
  } catch {
    return false;
  }
}

function parseBundle(text: string): { keyid: string; payload: Buffer; signature: Buffer } | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the bundle is not JSON';
  }
  const bundle = members(value, ['mediaType', 'verificationMaterial', 'dsseEnvelope']);
  const publicKey = members(members(bundle?.['verificationMaterial'], ['publicKey'])?.['publicKey'], ['hint']);
  const envelope = members(bundle?.['dsseEnvelope'], ['payload', 'payloadType', 'signatures']);
  const signatures: unknown = envelope?.['signatures'];
  if (publicKey === null || envelope === null || !Array.isArray(signatures))
    return 'the bundle has not exactly the members that it must have';
  if (bundle?.['mediaType'] !== mediaType) return `the bundle is not a ${mediaType}`;
  if (envelope['payloadType'] !== payloadType) return `the payload is not ${payloadType}`;
  if (signatures.length !== 1) return `the bundle has ${signatures.length} signatures, not one`;
  const signature = members(signatures[0], ['keyid', 'sig']);
  const keyid = signature?.['keyid'];
  if (typeof keyid !== 'string' || keyid !== publicKey['hint']) return 'key id and key hint differ';
  const [payload, sig] = [strictBase64(envelope['payload']), strictBase64(signature?.['sig'])];
  if (payload === null || sig === null) return 'payload or signature is not base64';
  return { keyid, payload, signature: sig };
}

/** The object, when it has exactly these members. */
function members(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  return keys.length === names.length && names.every((name) => keys.includes(name)) ? (value as Record<string, unknown>) : null;
}

function strictBase64(value: unknown): Buffer | null {
  if (typeof value !== 'string') return null;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : null;
}
