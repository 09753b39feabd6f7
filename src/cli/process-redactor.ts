// The one redactor of this process: whoever reads a secret registers it here, and whatever is printed passes it.
import { createRedactor, type Masker } from '../core/redaction.js';

let current: Masker | null = null;

export function processRedactor(): Masker {
  current ??= createRedactor();
  return current;
}

/**
 * For the control runs of the leak tests: what leaves when nothing is masked.
 * @public
 */
export function useRedactor(redactor: Masker): void {
  current = redactor;
}
