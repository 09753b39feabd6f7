// Keyed digests (HMAC-SHA-256 with a key of the deployment): prove "unchanged" without offering an oracle for short secrets.

export interface Fingerprints {
  /** Hex; equal content gives equal text on this deployment only. */
  of(content: Uint8Array | string): Promise<string>;
}
