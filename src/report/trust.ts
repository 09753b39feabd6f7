// Decides whether a key may speak for an identity, in a namespace, at a time. Keys come from the trust files alone.
import type { KeyObject } from 'node:crypto';
import { type AllowedSigner, type AllowedSigners, principalMatches } from './allowed-signers.js';
import type { Revocations } from './revocations.js';

export interface TrustQuestion {
  /** The identity that is asked for; without it, any listed one will do and the answer names it. */
  readonly identity?: string;
  readonly namespace: string;
  readonly atMs: number;
  readonly revoked: Revocations;
}

export type Trust =
  | { readonly trusted: true; readonly identity: string; readonly publicKey: KeyObject }
  | { readonly trusted: false; readonly code: 'REPORT_UNTRUSTED' | 'KEY_REVOKED'; readonly reason: string };

const no = (reason: string, code: 'REPORT_UNTRUSTED' | 'KEY_REVOKED' = 'REPORT_UNTRUSTED'): Trust => ({ trusted: false, code, reason });

export function askTrust(fingerprint: string, allowed: AllowedSigners, question: TrustQuestion): Trust {
  if (question.revoked.problems.length > 0) return no(`the revocation list cannot be read: ${question.revoked.problems[0] ?? ''}`);
  const revoked = question.revoked.fingerprints.get(fingerprint);
  if (revoked !== undefined)
    return no(`the key ${fingerprint} was revoked${revoked.since === null ? '' : ` (since ${revoked.since})`}`, 'KEY_REVOKED');
  const sameKey = allowed.signers.filter((signer) => signer.fingerprint === fingerprint);
  if (sameKey.length === 0) return no(`the key ${fingerprint} is not in the allowed signers`);
  const objections = sameKey.map((signer) => objection(signer, question));
  const fit = sameKey[objections.indexOf(null)];
  if (fit === undefined) return no(objections[0] ?? 'the key is not allowed');
  const named = fit.principals.find((pattern) => !/[*?!]/.test(pattern)) ?? fit.principals.join(',');
  return { trusted: true, identity: question.identity ?? named, publicKey: fit.publicKey };
}

function objection(signer: AllowedSigner, { identity, namespace, atMs }: TrustQuestion): string | null {
  const who = `the key ${signer.fingerprint} (allowed signers, line ${signer.line})`;
  if (identity !== undefined && !principalMatches(signer.principals, identity)) return `${who} is not that of ${identity}`;
  if (signer.namespaces !== null && !principalMatches(signer.namespaces, namespace)) return `${who} may not sign ${namespace}`;
  if (signer.validAfterMs !== null && atMs < signer.validAfterMs) return `${who} was not valid yet at ${new Date(atMs).toISOString()}`;
  if (signer.validBeforeMs !== null && atMs >= signer.validBeforeMs) return `${who} was no longer valid at ${new Date(atMs).toISOString()}`;
  return null;
}
