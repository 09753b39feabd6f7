// Keeps a license's state while the router runs: read once, counted in memory, written every few seconds off the request path
// and at the end. What a crash can lose is what happened since the last write.
import type { Log } from '../log.js';
import type { License } from './license-file.js';
import { createLicenseState, type LicenseStateValues, licenseStateText, readLicenseState, writeLicenseState } from './license-state.js';

const writeEveryMs = 5000;
/** A state without new requests is written only so often. */
const seenEveryMs = 60_000;

export class LicenseMemory {
  readonly #path: string;
  readonly #license: License;
  readonly #log: Log;
  readonly #values: LicenseStateValues;
  readonly #timer: NodeJS.Timeout;
  #written: LicenseStateValues;
  #writing: Promise<void> = Promise.resolve();
  #writeFailures = 0;

  /** @throws LicenseStateError when there is a state that cannot be believed */
  constructor(path: string, license: License, nowMs: number, log: Log) {
    this.#path = path;
    this.#license = license;
    this.#log = log;
    const known = readLicenseState(path, license);
    this.#values = known ?? { lastSeenMs: nowMs, month: monthOf(nowMs), requests: 0 };
    this.#written = known === null ? { lastSeenMs: 0, month: '', requests: 0 } : { ...known };
    if (known === null) this.#create();
    this.#timer = setInterval(() => void this.write(), writeEveryMs);
    this.#timer.unref();
  }

  get lastSeenMs(): number {
    return this.#values.lastSeenMs;
  }

  get writeFailures(): number {
    return this.#writeFailures;
  }

  /** Time only ever goes forward here; a clock that was set back does not take the memory with it. */
  seen(nowMs: number): void {
    this.#values.lastSeenMs = Math.max(this.#values.lastSeenMs, nowMs);
  }

  requestsIn(month: string): number {
    return this.#values.month === month ? this.#values.requests : 0;
  }

  count(month: string): void {
    this.#values.requests = this.requestsIn(month) + 1;
    this.#values.month = month;
  }

  /** A request that was counted and then not served; nothing when its month is over. */
  takeBack(month: string): void {
    if (this.#values.month === month) this.#values.requests = Math.max(0, this.#values.requests - 1);
  }

  /** Writes what changed; never throws. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow());
    return this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#written = { lastSeenMs: 0, month: '', requests: -1 };
    await this.write();
  }

  async #writeNow(): Promise<void> {
    const values = { ...this.#values };
    const { lastSeenMs, month, requests } = this.#written;
    if (values.month === month && values.requests === requests && values.lastSeenMs - lastSeenMs < seenEveryMs) return;
    try {
      await writeLicenseState(this.#path, licenseStateText(values, this.#license));
      this.#written = values;
    } catch (error) {
      this.#failed(error);
    }
  }

  #create(): void {
    try {
      createLicenseState(this.#path, licenseStateText(this.#values, this.#license));
      this.#written = { ...this.#values };
    } catch (error) {
      // That of another license: it is replaced with the next write.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#writeFailures += 1;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    if (this.#writeFailures === 1) this.#log.error({ path: this.#path, reason }, 'license state cannot be written');
  }
}

/** `YYYY-MM` in UTC. */
export function monthOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 7);
}
