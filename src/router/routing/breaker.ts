// Keeps requests away from a target that fails again and again: closed until enough failures in a row, then open for a
// cooldown, then half open, where one request is let through and decides. A target that itself said when to come back is left
// alone until then, whatever its breaker says.
import { longestRetryAfterMs } from '../upstream/retry-after.js';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerSettings {
  readonly failures: number;
  readonly cooldownMs: number;
}

/** Why a target is not asked now, and for how long at least. */
export interface Closed {
  readonly reason: 'retry_after' | 'breaker_open';
  readonly waitMs: number;
}

interface Circuit {
  failures: number;
  /** Monotonic; null while closed. */
  openUntilMs: number | null;
  trying: boolean;
}

export class Breakers {
  #settings: BreakerSettings;
  readonly #nowMs: () => number;
  readonly #circuits = new Map<string, Circuit>();
  readonly #pausedUntilMs = new Map<string, number>();

  constructor(settings: BreakerSettings, nowMs: () => number = () => performance.now()) {
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  /** For failures from now on; a breaker that is open stays open for as long as it was told. */
  configure(settings: BreakerSettings): void {
    this.#settings = settings;
  }

  /** Starts anew with a target. */
  forget(key: string): void {
    this.#circuits.delete(key);
    this.#pausedUntilMs.delete(key);
  }

  state(key: string): BreakerState {
    const circuit = this.#circuits.get(key);
    if (circuit === undefined || circuit.openUntilMs === null) return 'closed';
    return this.#nowMs() < circuit.openUntilMs ? 'open' : 'half-open';
  }

  /** Null when the target may be asked now; in the half-open state the first asker becomes the try. */
  admit(key: string): Closed | null {
    const pausedMs = this.#pausedMs(key);
    if (pausedMs > 0) return { reason: 'retry_after', waitMs: pausedMs };
    const circuit = this.#circuits.get(key);
    if (circuit === undefined || circuit.openUntilMs === null) return null;
    const openMs = circuit.openUntilMs - this.#nowMs();
    if (openMs > 0 || circuit.trying) return { reason: 'breaker_open', waitMs: Math.max(0, openMs) };
    circuit.trying = true;
    return null;
  }

  succeeded(key: string): void {
    this.#circuits.delete(key);
  }

  /** `retryAfterMs`: when the target itself said that it may be asked again; null when it did not say. */
  failed(key: string, retryAfterMs: number | null = null): void {
    if (retryAfterMs !== null) this.#pausedUntilMs.set(key, this.#nowMs() + Math.min(retryAfterMs, longestRetryAfterMs));
    const circuit = this.#circuits.get(key) ?? { failures: 0, openUntilMs: null, trying: false };
    circuit.failures += 1;
    if (circuit.trying || circuit.failures >= this.#settings.failures) circuit.openUntilMs = this.#nowMs() + this.#settings.cooldownMs;
    circuit.trying = false;
    this.#circuits.set(key, circuit);
  }

  /** A try that said nothing about the target, for example because the caller left. */
  undecided(key: string): void {
    const circuit = this.#circuits.get(key);
    if (circuit !== undefined) circuit.trying = false;
  }

  #pausedMs(key: string): number {
    const untilMs = this.#pausedUntilMs.get(key);
    if (untilMs === undefined) return 0;
    const leftMs = untilMs - this.#nowMs();
    if (leftMs <= 0) this.#pausedUntilMs.delete(key);
    return Math.max(0, leftMs);
  }
}
