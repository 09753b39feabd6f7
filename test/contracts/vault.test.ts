import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { vaultAge } from '../../src/adapters/vault-age.js';
import { createRedactor } from '../../src/core/redaction.js';

const redactor = createRedactor();
const vault = vaultAge(redactor);
const directory = mkdtempSync(join(tmpdir(), 'vault-'));
afterAll(() => rmSync(directory, { recursive: true }));
let made = 0;
const free = (): string => join(directory, String(made++));
const plain = free();
writeFileSync(plain, randomBytes(300_000));
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

test('every recipient opens it, nobody else does, and the digests are those of the bytes', async () => {
  const [operator, run, stranger] = [await vault.newKeyPair(), await vault.newKeyPair(), await vault.newKeyPair()];
  const cipher = free();
  const sealed = await vault.encrypt(plain, cipher, [operator.recipient, run.recipient]);
  expect(sealed).toEqual({ sha256: digest(cipher), bytes: statSync(cipher).size, plaintextSha256: digest(plain), plaintextBytes: 300_000 });
  for (const { identity } of [operator, run]) {
    const opened = free();
    expect(await vault.decrypt(cipher, opened, `# a comment\n${identity}\n`)).toEqual({ plaintextSha256: digest(plain), bytes: 300_000 });
    expect([digest(opened), statSync(opened).mode & 0o777]).toEqual([digest(plain), 0o600]);
  }
  const never = free();
  await expect(vault.decrypt(cipher, never, stranger.identity)).rejects.toMatchObject({ code: 'BACKUP_UNOPENABLE' });
  expect(existsSync(never)).toBe(false);
});

test('a new identity is masked from the start', async () => {
  const { identity } = await vault.newKeyPair();
  expect(redactor.mask(identity)).not.toContain(identity.slice(0, 30));
});

test.each([
  ['in its head', 100],
  ['in the middle', 200_000],
  ['by its last byte', -1],
])('a ciphertext that is truncated %s does not open, and nothing of it appears', async (_where, bytes) => {
  const { recipient, identity } = await vault.newKeyPair();
  const [cipher, opened] = [free(), free()];
  const sealed = await vault.encrypt(plain, cipher, [recipient]);
  truncateSync(cipher, bytes < 0 ? sealed.bytes + bytes : bytes);
  await expect(vault.decrypt(cipher, opened, identity)).rejects.toMatchObject({ code: 'BACKUP_UNOPENABLE' });
  expect(existsSync(opened)).toBe(false);
});

test('an altered byte does not open', async () => {
  const { recipient, identity } = await vault.newKeyPair();
  const cipher = free();
  await vault.encrypt(plain, cipher, [recipient]);
  const bytes = readFileSync(cipher);
  bytes[150_000] = (bytes[150_000] ?? 0) ^ 1;
  writeFileSync(cipher, bytes);
  await expect(vault.decrypt(cipher, free(), identity)).rejects.toMatchObject({ code: 'BACKUP_UNOPENABLE' });
});

test('a name that is taken stays as it is, and a missing source is told', async () => {
  const { recipient, identity } = await vault.newKeyPair();
  const taken = free();
  writeFileSync(taken, 'mine');
  await expect(vault.encrypt(plain, taken, [recipient])).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  await expect(vault.encrypt(join(directory, 'none'), free(), [recipient])).rejects.toMatchObject({ code: 'FILE_MISSING' });
  await expect(vault.decrypt(plain, free(), 'no key')).rejects.toMatchObject({ code: 'KEY_INVALID' });
  await expect(vault.decrypt(plain, free(), identity)).rejects.toMatchObject({ code: 'BACKUP_UNOPENABLE' });
  expect([readFileSync(taken, 'utf8'), readdirSync(directory).filter((name) => name.includes('routerctl-tmp'))]).toEqual(['mine', []]);
});

const hasAge = ((): boolean => {
  try {
    execFileSync('age', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasAge)('the age of the system opens it (install: apt-get install age)', async () => {
  const { recipient, identity } = await vault.newKeyPair();
  const [cipher, key] = [free(), free()];
  await vault.encrypt(plain, cipher, [recipient]);
  writeFileSync(key, identity, { mode: 0o600 });
  expect(execFileSync('age', ['-d', '-i', key, cipher], { maxBuffer: 1e6 }).equals(readFileSync(plain))).toBe(true);
});
