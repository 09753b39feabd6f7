// Counts the requests open at each target, so that one with a limit is not asked beyond it.
import type { Target } from './target.js';

export class OpenAtTargets {
  readonly #open = new Map<string, number>();

  /** Counts one more and returns true; false when the target has as many as it may. */
  enter({ key, maxConcurrent }: Target): boolean {
    const open = this.#open.get(key) ?? 0;
    if (maxConcurrent !== null && open >= maxConcurrent) return false;
    this.#open.set(key, open + 1);
    return true;
  }

  leave({ key }: Target): void {
    this.#open.set(key, Math.max(0, (this.#open.get(key) ?? 0) - 1));
  }

  /** Requests open right now, by target. */
  get all(): ReadonlyMap<string, number> {
    return this.#open;
  }
}
