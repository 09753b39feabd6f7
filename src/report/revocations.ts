// Keys that are no longer trusted: one public key line or `SHA256:` fingerprint per line, optionally the time of revocation.
// The time is for people only: a signer states the time of a signature himself, so a revoked key is refused for all times.
import { publicKeyOfBlob, sshFingerprint } from './ssh-wire.js';

export interface Revocations {
  readonly fingerprints: ReadonlyMap<string, { readonly since: string | null; readonly line: number }>;
  /** Lines that were not understood; a verifier refuses to work with such a list, since it may miss a revoked key. */
  readonly problems: readonly string[];
}

export const noRevocations: Revocations = { fingerprints: new Map(), problems: [] };

export function parseRevocations(text: string): Revocations {
  const fingerprints = new Map<string, { since: string | null; line: number }>();
  const problems: string[] = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const words = raw
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) return;
    const fingerprint = fingerprintOf(words);
    if (fingerprint === null) problems.push(`line ${index + 1}: neither a public key nor a SHA256: fingerprint`);
    else fingerprints.set(fingerprint, { since: words.find((word) => /^\d{4}-\d{2}-\d{2}/.test(word)) ?? null, line: index + 1 });
  });
  return { fingerprints, problems };
}

function fingerprintOf(words: readonly string[]): string | null {
  const [first = '', second = ''] = words;
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(first)) return first.replace(/=$/, '');
  const blob = Buffer.from(second, 'base64');
  return publicKeyOfBlob(blob) === null ? null : sshFingerprint(blob);
}
