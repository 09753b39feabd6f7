// Long-running programs that a deployment consists of. A process is identified by pid and start time, never by pid alone.

export interface ServiceSpec {
  /** Unique on the host; marks the process so that it is found again even when nobody wrote its pid down. */
  readonly id: string;
  readonly command: readonly string[];
  readonly directory: string;
  readonly environmentFile: string | null;
  readonly pidFile: string;
  readonly log: string;
}

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, clock ticks since boot. */
  readonly startTicks: number;
}

/** One of the processes that a service consists of. */
export interface ServiceMember extends ProcessIdentity {
  /** No other member is its parent: it answers for those below it and is asked to end before them. */
  readonly topmost: boolean;
}

export interface RunningProcess extends ProcessIdentity {
  readonly startedAtMs: number;
  readonly argv: readonly string[];
  /** /proc/<pid>/exe. */
  readonly executable: string;
  /** What really runs: the script when the executable is an interpreter, else the executable; links resolved at start. */
  readonly program: { readonly path: string; readonly sha256: string } | null;
  /** Value of a variable of its environment at start; only the names asked for. */
  readonly rssBytes: number;
  /** The user it runs as, when that is not the one that routerctl runs as: a restart by us would change whose process it is. */
  readonly foreignUid: number | null;
}

/** `program` is the script behind an interpreter, else the executable; links resolved. */
export type Startable = { readonly program: string } | { readonly problem: string; readonly hint: string };

export interface ServiceReads {
  readonly host: string;
  /** Every live process of the service: normally one; two is a finding. Found by pid file (checked) and by mark. */
  find(service: ServiceSpec): Promise<readonly RunningProcess[]>;
  isAlive(process: ProcessIdentity): Promise<boolean>;
  /**
   * Every live process that the given ones stand for, whether or not these live themselves: what they forked, their process groups,
   * and marked processes for which no later start accounts. What a stopped service left running is told from a new one by this.
   */
  family(service: ServiceSpec, known: readonly ProcessIdentity[]): Promise<readonly ServiceMember[]>;
  /** What `start` would run now, or why it would find nothing to run: asked before a service is stopped. */
  startable(service: ServiceSpec): Promise<Startable>;
  /** Callers that it is serving: established connections to its listening ports, idle ones included; 0 once it no longer listens. */
  connections(process: ProcessIdentity): Promise<number>;
}

export interface ServiceActs {
  readonly host: string;
  /** Starts it in a session of its own with the service's environment file as its whole environment besides PATH, HOME, LANG. Returns at once; does not wait for readiness. Starting a running service returns the running one, but never one of `before` or of their family: throws COMMAND_FAILED while one of them lives. */
  start(service: ServiceSpec, before?: readonly ProcessIdentity[]): Promise<ProcessIdentity>;
  /** Sends a signal if that very process still lives. */
  signal(process: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}
