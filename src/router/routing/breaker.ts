// Keeps requests away from a target that fails again and again: closed until enough failures in a row, then open for a
// cooldown, then half open, where one request is let through and decides.

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerSettings {
  readonly failures: number;
  readonly cooldownMs: number;
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
  }

  state(key: string): BreakerState {
    const circuit = this.#circuits.get(key);
    if (circuit === undefined || circuit.openUntilMs === null) return 'closed';
    return this.#nowMs() < circuit.openUntilMs ? 'open' : 'half-open';
  }

  /** Whether the target may be asked now; in the half-open state the first asker becomes the try. */
  admit(key: string): boolean {
    const state = this.state(key);
    if (state !== 'half-open') return state === 'closed';
    const circuit = this.#circuits.get(key);
    if (circuit === undefined || circuit.trying) return false;
    circuit.trying = true;
    return true;
  }

  succeeded(key: string): void {
    this.#circuits.delete(key);
  }

  failed(key: string): void {
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
}
