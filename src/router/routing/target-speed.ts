// How long each target lately took until its first byte: an average in which newer answers weigh more. A target that failed did
// not answer in any time, however fast it said no: until it answers again it counts as slow as its attempts may be. That is
// forgotten after a while, since a target that comes last is asked by nobody who could find it well again.

const weightOfNewest = 0.2;

interface Failure {
  readonly asSlowAsMs: number;
  /** Monotonic. */
  readonly forgottenAtMs: number;
}

export class TargetSpeed {
  readonly #nowMs: () => number;
  readonly #averages = new Map<string, number>();
  readonly #failures = new Map<string, Failure>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  measured(key: string, firstByteMs: number): void {
    const before = this.#averages.get(key);
    this.#averages.set(key, before === undefined ? firstByteMs : before + weightOfNewest * (firstByteMs - before));
  }

  /** The whole answer came. */
  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  failed(key: string, asSlowAsMs: number, forgottenAfterMs: number): void {
    this.#failures.set(key, { asSlowAsMs, forgottenAtMs: this.#nowMs() + forgottenAfterMs });
  }

  /** Milliseconds; null when it is not known: it never answered, and did not fail lately. */
  ofMs(key: string): number | null {
    const average = this.#averages.get(key) ?? null;
    const failure = this.#failures.get(key);
    if (failure === undefined || failure.forgottenAtMs <= this.#nowMs()) return average;
    return Math.max(average ?? 0, failure.asSlowAsMs);
  }
}
