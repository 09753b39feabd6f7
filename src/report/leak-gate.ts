// The last look before a signature: a report that holds a secret must not get the stamp that invites people to pass it on.
import { gunzipSync } from 'node:zlib';
import type { Redactor } from '../core/redaction.js';

export interface Leak {
  readonly file: string;
  /** Labels of secrets or names of patterns, never a value. */
  readonly rules: readonly string[];
}

const largestUnpackedBytes = 64 * 1024 * 1024;

export function findLeaks(files: ReadonlyMap<string, Uint8Array>, redactor: Redactor): readonly Leak[] {
  return [...files].flatMap(([file, bytes]) => {
    const rules = new Set([...redactor.scan(file), ...rulesIn(Buffer.from(bytes), redactor)]);
    return rules.size === 0 ? [] : [{ file, rules: [...rules] }];
  });
}

function rulesIn(bytes: Buffer, redactor: Redactor): readonly string[] {
  const texts = [bytes.toString('utf8')];
  // as bytes too: UTF-16 text and binary files do not survive UTF-8
  if (bytes.some((byte) => byte > 127 || byte === 0)) texts.push(bytes.toString('latin1'));
  const unpacked = unpack(bytes);
  if (unpacked === 'unreadable') return ['archive that cannot be looked into'];
  return [...texts.flatMap((text) => redactor.scan(text)), ...(unpacked === null ? [] : rulesIn(unpacked, redactor))];
}

function unpack(bytes: Buffer): Buffer | null | 'unreadable' {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return null;
  try {
    return gunzipSync(bytes, { maxOutputLength: largestUnpackedBytes });
  } catch {
    return 'unreadable';
  }
}
