// Keyed digests with a key that never leaves the deployment, made on first use.
import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Fingerprints } from '../core/ports/fingerprints.js';
import { aside, errno, fileFailure, statOrNull, syncDirectory } from './durable-file.js';
import { refusedAccess } from './refused-access.js';

export function fingerprintsNode(root: string): Fingerprints {
  let key: Promise<Buffer> | undefined;
  return {
    of: async (content) => {
      key ??= readOrMakeKey(join(root, '.routerctl'));
      return createHmac('sha256', await key)
        .update(content)
        .digest('hex');
    },
  };
}

async function readOrMakeKey(directory: string): Promise<Buffer> {
  const path = join(directory, 'fingerprint.key');
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if ((await statOrNull(path)) === null) await makeKey(path, directory);
    const facts = await statOrNull(path);
    if (facts !== null && (facts.mode & 0o077) !== 0) {
      throw new RouterctlError('KEY_UNSAFE', `${path} can be read by others`, { hint: `chmod 600 ${path}` });
    }
    const key = await readFile(path);
    if (key.length === 32) return key;
    throw new RouterctlError('FILE_UNREADABLE', `${path} holds ${key.length} bytes instead of 32`, {
      hint: `if no run is open, remove it: rm ${path}`,
    });
  } catch (error) {
    throw fileFailure(refusedAccess(error, path), path, 'write');
  }
}

async function makeKey(path: string, directory: string): Promise<void> {
  await aside(path, async (temporary) => {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(randomBytes(32));
      await file.sync();
    } finally {
      await file.close();
    }
    // Of two processes that make a key in the same moment one wins, and both use that one.
    await link(temporary, path).catch((error: unknown) => {
      if (errno(error) !== 'EEXIST') throw error;
    });
    await syncDirectory(directory);
  });
}
