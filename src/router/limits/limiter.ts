// What stands between a known caller and an upstream: rates, concurrency, shaping and budgets. A ticket is one request's way
// through them: admitted, perhaps made to wait, its tokens and cost reserved before the upstream is asked, settled after.
import type { Caller } from '../callers.js';
import type { UsageRow } from '../usage/usage-row.js';

export interface Limiter {
  /**
   * Counts the request against rates, concurrency and request budgets.
   * @throws GatewayError `rpm-exceeded`, `concurrency-exceeded`, `quota-exhausted` or `key-exhausted`, with Retry-After where waiting helps
   */
  admit(caller: Caller): LimitTicket;
}

export interface LimitTicket {
  /**
   * Waits until the caller's traffic shape lets the request through; resolves with the milliseconds waited.
   * @throws GatewayError `traffic-shaped` when it would have to wait too long; the signal's reason when it is aborted
   */
  shape(signal: AbortSignal): Promise<number>;
  /**
   * Sets tokens and US dollars aside before an upstream is asked.
   * @throws GatewayError `tpm-exceeded`, `quota-exhausted` or `key-exhausted`
   */
  reserve(tokens: number, costUsd: number): void;
  /** Puts what was really used in the place of what was set aside. */
  settle(tokens: number, costUsd: number): void;
  /** Ends the request's part in everything that counts open requests, and gives back what was set aside but not settled. Once, always. */
  release(): void;
  readonly quotaState: UsageRow['quota_state'];
  readonly keyState: UsageRow['key_state'];
  /** Budgets that are past their soft limit, for a response header: `day-tokens 83%`. */
  readonly warnings: readonly string[];
}
