// How an administrator's password is kept: `scrypt:N:r:p:<salt base64url>:<key base64url>` (RFC 7914). Made by `lab hash-password`,
// compared in constant time; the work is done on Node's thread pool and never on the event loop.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

export interface PasswordHash {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** The third of the equal choices that OWASP's password storage sheet gives for scrypt: 32 MiB, about a quarter of a second. */
const preferred = { cost: 32_768, blockSize: 8, parallelization: 3 } as const;
const mostBytes = 256 * 1024 * 1024;

/** Null when the text is no such hash, or one whose comparison would need more than 256 MiB. */
export function parsePasswordHash(text: string): PasswordHash | null {
  const [, cost = '', blockSize = '', parallelization = '', salt = '', key = ''] =
    /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,2}):([\w-]{8,128}):([\w-]{20,128})$/.exec(text) ?? [];
  const hash = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
  const powerOfTwo = hash.cost > 1 && Number.isInteger(Math.log2(hash.cost));
  const wanted = 128 * hash.cost * hash.blockSize * hash.parallelization;
  return powerOfTwo && hash.blockSize > 0 && hash.parallelization > 0 && wanted <= mostBytes ? hash : null;
}

/** A hash of a password with a salt of its own. */
export async function hashPassword(password: string, cost: Partial<typeof preferred> | Record<'cost', number> = {}): Promise<string> {
  const parameters = { ...preferred, ...cost };
  const salt = randomBytes(16);
  const key = await derive(password, { ...parameters, salt, key: Buffer.alloc(32) });
  const numbers = [parameters.cost, parameters.blockSize, parameters.parallelization].join(':');
  return `scrypt:${numbers}:${salt.toString('base64url')}:${key.toString('base64url')}`;
}

export async function isPassword(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

function derive(password: string, { cost, blockSize, parallelization, salt, key }: PasswordHash): Promise<Buffer> {
  const options: ScryptOptions = { N: cost, r: blockSize, p: parallelization, maxmem: mostBytes + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    // The same letters can be typed in two ways; NFC makes them one password.
    scrypt(password.normalize('NFC'), salt, key.length, options, (error, derived) => (error === null ? resolve(derived) : reject(error)));
  });
}
