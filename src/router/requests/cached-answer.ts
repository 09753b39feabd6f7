// Puts the response cache before the targets: a hit costs no upstream and no quota. Streams and requests that say no are passed by.
import { cacheKey } from '../cache/response-cache.js';
import type { TargetRequest } from './attempts.js';
import { passedOnHeaders } from './passed-on-headers.js';

/** Answers from the cache, or runs `ask` and keeps what it answered. */
export async function answerFromCache(request: TargetRequest, ask: () => Promise<Buffer | null>): Promise<void> {
  const { gateway, record, group, targets } = request;
  const { cache } = gateway;
  const refused = /\bno-(?:cache|store)\b/i.test(record.exchange.request.headers['cache-control'] ?? '');
  if (!cache.enabled || !group.cache || request.ask.stream || refused) {
    await ask();
    return;
  }
  const key = cacheKey({
    caller: record.caller.id,
    dialect: request.ask.dialect,
    fingerprint: JSON.stringify([
      ...[group.name, group.fingerprint, passedOnHeaders(request.ask.dialect, request.ask.dialect, record.exchange.request.headers)],
      ...targets.map(({ origin, basePath, dialect, model }) => [origin, basePath, dialect, model]),
    ]),
    body: JSON.stringify(request.ask.body),
  });
  const kept = cache.get(key);
  if (kept !== null) {
    record.cache = 'hit';
    record.trace('cache_hit', 'the answer was kept from an earlier request');
    if (kept.leftOut !== null) record.exchange.warn(gateway.generation.names.headerPrefix, [kept.leftOut]);
    record.firstByte();
    record.exchange.sendText(200, kept.bytes);
    return;
  }
  record.cache = 'miss';
  record.trace('cache_miss', 'no answer was kept');
  const bytes = await ask();
  if (bytes !== null) cache.put(key, { bytes, leftOut: record.leftOut });
}
