// Which file a path names: an open database goes on with its own file when somebody deletes or replaces it, and must notice.
import { statSync } from 'node:fs';

/** The same for two moments when the path named the same file in both, whatever was written to it; null when it names none. */
export function fileIdentity(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
