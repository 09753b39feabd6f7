// Writes an image that a container engine sends into a new file: beside it, read back, synced, and only then under its name.

import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { RouterctlError } from '../core/errors.js';
import { imagePackageFaults, readImagePackage } from '../core/image-package.js';
import type { Archives } from '../core/ports/archives.js';
import { fileFailure } from './durable-file.js';

/** `temporary` must not exist yet. Errors of the disk are told of `file`. */
export async function writeAnswer(answer: IncomingMessage, temporary: string, file: string, moved: () => void): Promise<void> {
  const output = await onDisk(file, () => open(temporary, 'wx', 0o600));
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      await onDisk(file, () => whole(output, chunk));
      moved();
    }
    await onDisk(file, () => output.sync());
  } finally {
    await output.close();
  }
}

/** Why what was written is not this image; null when it is. */
export async function wrongWith(temporary: string, imageId: string, archives: Archives): Promise<string | null> {
  try {
    const { imageId: written } = await readImagePackage(temporary, archives);
    if (written !== imageId) return `it sent ${written}`;
    const [fault] = await imagePackageFaults(temporary, archives);
    return fault ?? null;
  } catch (error) {
    if (error instanceof RouterctlError) return error.message.replaceAll(temporary, 'what it sent');
    throw error;
  }
}

/** A disk that is nearly full takes a part of the bytes without an error. */
async function whole(output: FileHandle, chunk: Buffer): Promise<void> {
  for (let from = 0; from < chunk.length; ) from += (await output.write(chunk, from)).bytesWritten;
}

async function onDisk<Result>(file: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw fileFailure(error, file, 'write');
  }
}
