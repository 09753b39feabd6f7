// A private key as its users see it: it signs bytes and says who it is. Two algorithms and nothing else, so that no file can
// talk a verifier into a weaker one.
import type { KeyObject } from 'node:crypto';

export type KeyAlgorithm = 'p256' | 'ed25519';

export interface SigningKey {
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: KeyObject;
  /** P-256: ECDSA over SHA-256, DER; Ed25519: 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}
