// Whole answers kept for a while, bounded in bytes: the longest unused one goes first. An answer belongs to the caller that
// paid for it and to the exact request; nothing of either can be read from its key.
import { createHash } from 'node:crypto';
import type { CacheStamp } from '../requests/record-stamps.js';

export interface CachedAnswer {
  readonly bytes: Buffer;
  /** What the answer lacks because it was translated, for a response header; null when nothing. */
  readonly leftOut: string | null;
}

interface Entry extends CachedAnswer {
  readonly size: number;
  readonly untilMs: number;
}

export interface CacheSettings {
  readonly enabled: boolean;
  readonly maxBytes: number;
  readonly ttlMs: number;
}

/** What an entry costs beside its bytes. */
const overheadBytes = 256;

export class ResponseCache {
  #settings: CacheSettings;
  readonly #nowMs: () => number;
  /** In the order of last use. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(settings: CacheSettings, nowMs: () => number = () => performance.now()) {
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  get enabled(): boolean {
    return this.#settings.enabled;
  }

  /** Keeps what still fits; entries keep the time that they were given. */
  configure(settings: CacheSettings): void {
    this.#settings = settings;
    if (!settings.enabled) for (const [key, entry] of this.#entries) this.#drop(key, entry);
    this.#shrink();
  }

  get(key: string): CachedAnswer | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#drop(key, entry);
    if (entry.untilMs <= this.#nowMs()) return null;
    this.#keep(key, entry);
    return entry;
  }

  put(key: string, answer: CachedAnswer): void {
    const size = answer.bytes.length + overheadBytes;
    if (!this.enabled || size > this.#settings.maxBytes) return;
    const before = this.#entries.get(key);
    if (before !== undefined) this.#drop(key, before);
    this.#keep(key, { ...answer, size, untilMs: this.#nowMs() + this.#settings.ttlMs });
    this.#shrink();
  }

  stamp(): CacheStamp {
    const { enabled, maxBytes } = this.#settings;
    return {
      cache_enabled: enabled ? 1 : 0,
      cache_items: this.#entries.size,
      cache_bytes: this.#bytes,
      cache_max_bytes: enabled ? maxBytes : 0,
      cache_occupancy_pct: enabled ? Math.round((this.#bytes * 1000) / maxBytes) / 10 : 0,
    };
  }

  #shrink(): void {
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#settings.maxBytes) break;
      this.#drop(oldest, entry);
    }
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.size;
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= entry.size;
  }
}

export function cacheKey(parts: {
  readonly caller: string;
  readonly dialect: string;
  readonly fingerprint: string;
  readonly body: string;
}): string {
  return createHash('sha256')
    .update(JSON.stringify([parts.caller, parts.dialect, parts.fingerprint]))
    .update(parts.body)
    .digest('base64');
}
