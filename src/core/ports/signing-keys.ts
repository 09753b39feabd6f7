// Private keys at rest: PKCS#8 PEM files that only their owner can read, encrypted with a passphrase unless that was declined.
import type { KeyAlgorithm, SigningKey } from '../signing-key.js';

export interface StoredKey {
  readonly path: string;
  readonly encrypted: boolean;
  /** Group or others can read it: it will be refused. */
  readonly unsafe: boolean;
  /** The `<path>.pub` line written with the key; null when it is gone. */
  readonly publicLine: string | null;
}

export interface SigningKeys {
  /** Throws FILE_MISSING, FILE_UNREADABLE, KEY_UNSAFE (group or others can read it) or KEY_INVALID (other kind of key, wrong or missing passphrase). */
  load(path: string, passphrase: string | null): Promise<SigningKey>;
  /** Writes the key (0600) where nothing is yet, else FILE_EXISTS. An unencrypted key needs an explicit null. Durable when it resolves. */
  generate(path: string, algorithm: KeyAlgorithm, passphrase: string | null): Promise<SigningKey>;
  /** Keeps the public half beside a key: `<path>.pub` (OpenSSH line) and `<path>.pub.pem` (SPKI). */
  keepPublic(path: string, publicLine: string, key: SigningKey): Promise<void>;
  /** Every private key file of a directory, sorted by name; empty when there is none. */
  list(directory: string): Promise<readonly StoredKey[]>;
}
