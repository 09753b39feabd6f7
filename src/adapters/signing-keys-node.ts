// Signing keys as PEM files. A key that others can read is refused, as ssh does: its signatures would prove nothing.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { SigningKeys, StoredKey } from '../core/ports/signing-keys.js';
import type { KeyAlgorithm, SigningKey } from '../core/signing-key.js';
import { aside, errno, publishNew, syncDirectory, writeDurably } from './durable-file.js';
import { encryptedPem } from './signing-pbes2.js';

const largestKeyBytes = 65_536;
/** As it can be typed: who asks signs under their own name until they choose another. */
const makeKey = 'routerctl key generate --identity "$(id -un)"';

export function createSigningKeys(): SigningKeys {
  return {
    async load(path, passphrase) {
      return signingKeyOf(openPem(path, await readPrivate(path), passphrase));
    },
    async generate(path, algorithm, passphrase) {
      const key = newPrivateKey(algorithm);
      const pem = passphrase === null ? key.export({ format: 'pem', type: 'pkcs8' }) : encryptedPem(key, passphrase);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeNew(path, pem.toString());
      return signingKeyOf(key);
    },
    async keepPublic(path, publicLine, key) {
      await writeDurably(`${path}.pub`, `${publicLine}\n`, { mode: 0o644 });
      await writeDurably(`${path}.pub.pem`, key.publicKey.export({ format: 'pem', type: 'spki' }).toString(), { mode: 0o644 });
    },
    async list(directory) {
      const names = await readdir(directory).catch(() => []);
      const found = await Promise.all(
        names.filter((name) => !/\.pub(\.pem)?$/.test(name)).map((name) => look(join(resolve(directory), name))),
      );
      return found.filter((key) => key !== null).sort((a, b) => (a.path < b.path ? -1 : 1));
    },
  };
}

function newPrivateKey(algorithm: KeyAlgorithm): KeyObject {
  return algorithm === 'ed25519'
    ? generateKeyPairSync('ed25519').privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

export function signingKeyOf(key: KeyObject): SigningKey {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'p256';
  return {
    algorithm,
    publicKey: createPublicKey(key),
    sign: (message) => (algorithm === 'ed25519' ? sign(null, message, key) : sign('sha256', message, { key, dsaEncoding: 'der' })),
  };
}

function openPem(path: string, pem: string, passphrase: string | null): KeyObject {
  const encrypted = pem.includes('ENCRYPTED');
  if (encrypted && passphrase === null) {
    throw new RouterctlError('KEY_INVALID', `${path} is encrypted and no passphrase was given`, {
      hint: 'set signing.passphrase in routerctl.yaml, or use --passphrase-file',
    });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === null ? { key: pem } : { key: pem, passphrase });
  } catch (cause) {
    const message = encrypted ? `${path} does not open with the passphrase given` : `${path} is not a private key in PEM`;
    throw new RouterctlError('KEY_INVALID', message, { hint: `make a key with: ${makeKey}`, cause });
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === 'ed25519' || (key.asymmetricKeyType === 'ec' && curve === 'prime256v1')) return key;
  const kind = [key.asymmetricKeyType, curve].filter((part) => part !== undefined).join(' ');
  throw new RouterctlError('KEY_INVALID', `${path} holds a key of the kind ${kind}; only P-256 and Ed25519 are used`, {
    hint: `make a key with: ${makeKey}`,
  });
}

/** Mode and content of the same open file, so that nothing can be swapped in between. */
async function readPrivate(path: string): Promise<string> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    const missing = errno(cause) === 'ENOENT';
    throw new RouterctlError(
      missing ? 'FILE_MISSING' : 'FILE_UNREADABLE',
      `the signing key ${path} ${missing ? 'does not exist' : 'cannot be read'}`,
      {
        hint: missing ? `make one with: ${makeKey} --out ${path}` : `check who may read ${path}`,
        cause,
      },
    );
  });
  try {
    const facts = await file.stat();
    if ((facts.mode & 0o077) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
      throw new RouterctlError('KEY_UNSAFE', `the signing key ${path} can be read by others (mode ${mode})`, {
        hint: `chmod 600 ${path}; if others could have read it, make a new key`,
      });
    }
    if (!facts.isFile() || facts.size > largestKeyBytes) throw new RouterctlError('KEY_INVALID', `${path} is not a key file`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function writeNew(path: string, pem: string): Promise<void> {
  await aside(path, async (temporary) => {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
    await publishNew(temporary, path);
    await syncDirectory(dirname(path));
  });
}

async function look(path: string): Promise<StoredKey | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    const facts = await file.stat();
    if (!facts.isFile() || facts.size > largestKeyBytes) return null;
    const pem = await file.readFile('utf8');
    if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return null;
    const publicLine = await readFile(`${path}.pub`, 'utf8').catch(() => null);
    return { path, encrypted: pem.includes('ENCRYPTED'), unsafe: (facts.mode & 0o077) !== 0, publicLine: publicLine?.trim() ?? null };
  } finally {
    await file.close();
  }
}
