// Long-running programs that a deployment consists of. A process is identified by pid and start time, never by pid alone.

interface Service {
  /** Unique on the host. */
  readonly id: string;
  /** Where hooks run, and the program where routerctl starts it. */
  readonly directory: string;
}

/** Marked with its id, so that it is found again even when nobody wrote its pid down. */
export interface ProcessService extends Service {
  readonly kind: 'process';
  readonly command: readonly string[];
  readonly environmentFile: string | null;
  readonly pidFile: string;
  readonly log: string;
}

/** Started, stopped and, after a crash, started again by systemd, as its unit file says. */
export interface SystemdService extends Service {
  readonly kind: 'systemd';
  readonly unit: string;
  readonly scope: 'system' | 'user';
}

export type ServiceSpec = ProcessService | SystemdService;

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

/**
 * `program` is the script behind an interpreter, else the executable; links resolved. `stale`: something else would be started
 * than what stands on disk, which is no reason to stop, but none to keep a version from coming back.
 */
export type Startable = { readonly program: string; readonly stale?: Problem } | Problem;

export interface Problem {
  readonly problem: string;
  readonly hint: string;
}

/** What the manager of a service says of it. */
export interface UnitFacts {
  readonly unit: string;
  readonly scope: SystemdService['scope'];
  readonly activeState: string;
  readonly subState: string;
  /** 0 while none runs. */
  readonly mainPid: number;
  /** How often it was started again by its manager since a person or routerctl started it. */
  readonly restarts: number;
  /** It did not end within the time that its manager gives it, and was killed by it. */
  readonly stopTimedOut: boolean;
  /** Unit file and drop-ins, in the order in which they are read. */
  readonly files: readonly string[];
  /** What keeps a restart from starting what its files say now: not there, masked, or files that changed since they were read. */
  readonly problem: Problem | null;
  /** What a start would run now, links resolved; null where that cannot be told. */
  readonly program: string | null;
}

export interface LogTail {
  readonly lines: readonly string[];
  /** For a person who wants to read on. */
  readonly command: string;
}

export interface ServiceReads<Spec = ServiceSpec> {
  readonly host: string;
  /** Every live process of the service: normally one; two is a finding. Found by pid file (checked) and by mark, or asked of systemd. */
  find(service: Spec): Promise<readonly RunningProcess[]>;
  isAlive(process: ProcessIdentity): Promise<boolean>;
  /**
   * Every live process that the given ones stand for, whether or not these live themselves: what they forked, their process groups,
   * and what else belongs to the service while no later start accounts for it. What a stopped service left running is told from a new
   * one by this.
   */
  family(service: Spec, known: readonly ProcessIdentity[]): Promise<readonly ServiceMember[]>;
  /** What `start` would run now, or why it would find nothing to run: asked before a service is stopped. */
  startable(service: Spec): Promise<Startable>;
  /** null for a service that no manager looks after. */
  unit(service: Spec): Promise<UnitFacts | null>;
  /** Callers that it is serving: established connections to its listening ports, idle ones included; 0 once it no longer listens. */
  connections(process: ProcessIdentity): Promise<number>;
  /** Its last words. Not masked. */
  logTail(service: Spec, lines: number): Promise<LogTail>;
}

export interface ServiceActs<Spec = ServiceSpec> {
  readonly host: string;
  /**
   * Returns as soon as its process is there; does not wait for readiness. Starting a running service returns the running one (a unit
   * that systemd has started again by itself is started anew), but never one of `before` or of their family: throws COMMAND_FAILED
   * while one of them lives, and when what was started is gone already.
   * A plain process gets a session of its own, with the service's environment file as its whole environment besides PATH, HOME, LANG.
   */
  start(service: Spec, before?: readonly ProcessIdentity[]): Promise<ProcessIdentity>;
  /**
   * If that very process of the service still lives, asks it to end, or ends it. Of a service of systemd SIGTERM is the stop of the
   * unit, so that systemd neither starts it again nor takes its end for a failure.
   */
  signal(service: Spec, process: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}
