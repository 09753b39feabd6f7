// Encryption of backups with age: streamed, so that a large database needs no memory; `age -d` opens the result.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { RouterctlError } from '../core/errors.js';
import type { Vault } from '../core/ports/vault.js';
import type { Redactor } from '../core/redaction.js';
import { aside, errno, fileFailure, publishNew, statOrNull, syncFile, taken } from './durable-file.js';

export function vaultAge(redactor: Redactor, host = 'local'): Vault {
  return {
    host,
    newKeyPair: async () => {
      const age = await import('age-encryption');
      const identity = await age.generateX25519Identity();
      redactor.register(identity, 'backup identity');
      return { identity, recipient: await age.identityToRecipient(identity) };
    },
    encrypt: async (from, to, recipients) => {
      const { Encrypter } = await import('age-encryption');
      const encrypter = new Encrypter();
      for (const recipient of recipients) encrypter.addRecipient(recipient);
      const { plain, cipher } = await transform(from, to, (plaintext) => encrypter.encrypt(plaintext));
      return { sha256: cipher.sha256, bytes: cipher.bytes, plaintextSha256: plain.sha256, plaintextBytes: plain.bytes };
    },
    decrypt: async (from, to, identity) => {
      const { Decrypter } = await import('age-encryption');
      const decrypter = new Decrypter();
      addIdentities(decrypter, identity);
      const { cipher: plain } = await transform(from, to, async (ciphertext) => {
        try {
          return await decrypter.decrypt(ciphertext);
        } catch (error) {
          throw unopenable(from, error);
        }
      }).catch((error: unknown) => {
        throw error instanceof RouterctlError || errno(error) !== '' ? error : unopenable(from, error);
      });
      return { plaintextSha256: plain.sha256, bytes: plain.bytes };
    },
  };
}

/** An identity file may hold comments and several keys, as the ones that age-keygen writes. */
function addIdentities(decrypter: { addIdentity(identity: string): void }, text: string): void {
  const keys = text.split(/\s+/).filter((word) => word.startsWith('AGE-SECRET-KEY-'));
  try {
    for (const key of keys) decrypter.addIdentity(key);
  } catch (error) {
    throw new RouterctlError('KEY_INVALID', 'the identity is not an age secret key', { hint: 'make one with: age-keygen', cause: error });
  }
  if (keys.length === 0)
    throw new RouterctlError('KEY_INVALID', 'the identity holds no age secret key (AGE-SECRET-KEY-…)', {
      hint: 'make one with: age-keygen',
    });
}

const unopenable = (path: string, cause: unknown): RouterctlError =>
  new RouterctlError('BACKUP_UNOPENABLE', `${path} cannot be decrypted: ${cause instanceof Error ? cause.message : 'unknown reason'}`, {
    hint: 'it was encrypted to another key, or it is truncated or altered',
    cause,
  });

type WebBytes = NodeReadableStream<Uint8Array>;
interface Measured {
  readonly sha256: string;
  readonly bytes: number;
}

async function transform(
  from: string,
  to: string,
  turn: (input: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>,
): Promise<{ plain: Measured; cipher: Measured }> {
  const [before, after] = [meter(), meter()];
  try {
    if ((await statOrNull(from)) === null) throw new RouterctlError('FILE_MISSING', `${from} does not exist`);
    await aside(to, async (temporary) => {
      if ((await statOrNull(to)) !== null) throw taken(to);
      const source = createReadStream(from);
      // An error of the file must reach the reader of the metered copy, which a bare pipe would leave hanging.
      source.once('error', (error) => before.stream.destroy(error));
      const input = Readable.toWeb(source.pipe(before.stream)) as ReadableStream<Uint8Array>;
      try {
        const output = Readable.fromWeb((await turn(input)) as WebBytes);
        await pipeline(output, after.stream, createWriteStream(temporary, { flags: 'wx', mode: 0o600 }));
      } finally {
        source.destroy();
      }
      await syncFile(temporary);
      await publishNew(temporary, to);
    });
  } catch (error) {
    throw fileFailure(error, to, 'write');
  }
  return { plain: before.result(), cipher: after.result() };
}

function meter(): { stream: Transform; result: () => Measured } {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ sha256: hash.digest('hex'), bytes }) };
}
