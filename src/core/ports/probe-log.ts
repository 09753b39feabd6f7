// The prober's own file: one line a sample, appended while the run goes on, read by viewers and by the report.

export interface ProbeLine {
  readonly atMs: number;
  readonly ok: boolean;
  readonly tookMs: number;
}

export interface ProbeLog {
  append(lines: readonly ProbeLine[]): void;
  /** Every whole line; a torn last one is left out. `from` is a byte offset, `next` the one to go on at. */
  read(from?: number): { readonly lines: readonly ProbeLine[]; readonly next: number };
  /** Asks the prober to end. */
  end(): void;
  isEnded(): boolean;
  /** Forgets an earlier request to end, when a run is opened again. */
  reopen(): void;
}
