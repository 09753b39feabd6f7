// Operator hooks. Children run in a process group that is on record before the program starts, so that a successor can end it.

export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** Masked, at most 64 KiB each. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface Commands {
  readonly host: string;
  /** argv only, no shell; environment limited to PATH, HOME, LANG and what is given; the whole group is killed at the time limit. */
  run(
    argv: readonly string[],
    options: {
      readonly timeoutMs: number;
      readonly directory?: string;
      readonly environment?: Readonly<Record<string, string>>;
      /** What the program reads on stdin; nothing when left out. */
      readonly input?: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<CommandOutcome>;
}
