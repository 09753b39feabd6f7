// A short name for a piece of config, so that a usage row can say by which one it was made without carrying it.
import { createHash } from 'node:crypto';

/** The first 16 hex digits of the SHA-256 of a value's JSON with sorted members. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex').slice(0, 16);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
