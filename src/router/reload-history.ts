// What reloads came to, for readiness and metrics; apart from the reloading itself, since they only read it.

/** What reloads came to; the first load of the process is none of them. */
export interface ReloadHistory {
  succeeded: number;
  refused: number;
  /** When the last one ended, either way; null before the first. */
  lastAt: Date | null;
  /** Set while the last one was refused. */
  failure: ReloadFailure | null;
}

export interface ReloadFailure {
  /** Each as `file:line:column path: message`. */
  readonly findings: readonly string[];
  /** The state of the file that was refused, as `ConfigWatch.stamp` tells it. */
  readonly stamp: string;
}

export function noReloads(): ReloadHistory {
  return { succeeded: 0, refused: 0, lastAt: null, failure: null };
}
