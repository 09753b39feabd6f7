// The last look before a signature: a report that holds a secret must not get the stamp that invites people to pass it on.
import { gunzipSync } from 'node:zlib';
import type { Json } from '../core/json.js';
import { type Redactor, secretsInJson } from '../core/redaction.js';

export interface Leak {
  readonly file: string;
  /** Labels of secrets or names of patterns, never a value. */
  readonly rules: readonly string[];
}

const largestUnpackedBytes = 64 * 1024 * 1024;

/** Looks for everything that the masker would have masked: a gate that knows less lets pass what was never masked. */
export function findLeaks(files: ReadonlyMap<string, Uint8Array>, redactor: Redactor): readonly Leak[] {
  return [...files].flatMap(([file, bytes]) => {
    const rules = new Set([...redactor.scan(file), ...rulesIn(file, Buffer.from(bytes), redactor)]);
    return rules.size === 0 ? [] : [{ file, rules: [...rules] }];
  });
}

function rulesIn(file: string, bytes: Buffer, redactor: Redactor): readonly string[] {
  const text = bytes.toString('utf8');
  const found = [...redactor.scan(text), ...rulesInParts(file, text, redactor)];
  // as bytes too: UTF-16 text and binary files do not survive UTF-8
  if (bytes.some((byte) => byte > 127 || byte === 0)) found.push(...redactor.scan(bytes.toString('latin1')));
  const unpacked = unpack(bytes);
  if (unpacked === 'unreadable') return ['archive that cannot be looked into'];
  return unpacked === null ? found : [...found, ...rulesIn(file.replace(/\.gz$/, ''), unpacked, redactor)];
}

/** JSON text by text: what stands at the end of one and at the beginning of the next is no secret. */
function rulesInParts(file: string, text: string, redactor: Redactor): readonly string[] {
  const documents = file.endsWith('.json') ? [text] : file.endsWith('.jsonl') ? text.split('\n') : null;
  if (documents === null) return rulesOf(text, redactor);
  return documents.flatMap((document) => {
    if (document.trim() === '') return [];
    try {
      return secretsInJson(JSON.parse(document) as Json, redactor);
    } catch {
      return rulesOf(document, redactor);
    }
  });
}

const rulesOf = (text: string, redactor: Redactor): readonly string[] => redactor.ranges(text).map(({ rule }) => rule);

function unpack(bytes: Buffer): Buffer | null | 'unreadable' {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return null;
  try {
    return gunzipSync(bytes, { maxOutputLength: largestUnpackedBytes });
  } catch {
    return 'unreadable';
  }
}
