// How long each target lately took until its first byte: an average in which newer answers weigh more.

const weightOfNewest = 0.2;

export class TargetSpeed {
  readonly #averages = new Map<string, number>();

  measured(key: string, firstByteMs: number): void {
    const before = this.#averages.get(key);
    this.#averages.set(key, before === undefined ? firstByteMs : before + weightOfNewest * (firstByteMs - before));
  }

  /** Milliseconds; null when it never answered. */
  ofMs(key: string): number | null {
    return this.#averages.get(key) ?? null;
  }
}
