// Encryption of backups with age (C2SP age.md), streamed; recovery needs nothing but `age -d`.

export interface VaultKeyPair {
  readonly recipient: string;
  /** AGE-SECRET-KEY-…; registered with the redactor before it is returned. */
  readonly identity: string;
}

export interface Vault {
  readonly host: string;
  newKeyPair(): Promise<VaultKeyPair>;
  /** `to` must be free; it appears whole (written aside, synced, renamed) or not at all. sha256 and bytes are of the ciphertext. */
  encrypt(
    from: string,
    to: string,
    recipients: readonly string[],
  ): Promise<{ readonly sha256: string; readonly bytes: number; readonly plaintextSha256: string; readonly plaintextBytes: number }>;
  /** Throws BACKUP_UNOPENABLE (wrong key, truncated, altered). The plaintext is written with mode 0600. */
  decrypt(from: string, to: string, identity: string): Promise<{ readonly plaintextSha256: string; readonly bytes: number }>;
}
