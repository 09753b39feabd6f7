// The id that every answer carries: `req_` and 32 hex digits. It begins with the time, so that ids made one after another lie beside
// each other in the indexes of the usage database, and goes on with 80 random bits.
import { randomFillSync } from 'node:crypto';

const randomBytesOfId = 10;
/** Random bytes for many ids at once; asking for a few at a time costs more than the ids. */
const pool = Buffer.alloc(randomBytesOfId * 512);
let used = pool.length;

export function newRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.toString('hex', used, used + randomBytesOfId);
  used += randomBytesOfId;
  return `req_${Date.now().toString(16).padStart(12, '0')}${random}`;
}
