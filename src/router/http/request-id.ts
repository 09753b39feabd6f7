// The id that every answer carries: `req_` and 32 hex digits. It begins with the time, so that ids made one after another lie beside
// each other in the indexes of the usage database, and goes on with 80 random bits.
import { randomFillSync } from 'node:crypto';

const randomBytesOfId = 10;
/** Random bytes for many ids at once; asking for a few at a time costs more than the ids. */
const pool = Buffer.alloc(randomBytesOfId * 512);
let used = pool.length;
/** Ids of the same millisecond begin alike, and a number of this size is costly to write in hex. */
let lastMs = -1;
let lastHex = '';

export function newRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.toString('hex', used, used + randomBytesOfId);
  used += randomBytesOfId;
  const nowMs = Date.now();
  if (nowMs !== lastMs) {
    lastMs = nowMs;
    lastHex = nowMs.toString(16).padStart(12, '0');
  }
  return `req_${lastHex}${random}`;
}
