// The right to change one deployment, held by one process at a time, whoever the user is.

export interface LeaseHolder {
  readonly epoch: number;
  readonly runId: string;
  readonly host: string;
  readonly bootId: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly user: string;
  readonly purpose: 'runner' | 'guard' | 'resume' | 'rollback';
  readonly takenAt: string;
}

export interface Lease {
  readonly holder: LeaseHolder;
  /** Throws LEASE_LOST when a newer epoch exists; asked before every act. */
  assertHeld(): void;
  release(): void;
}

export interface HeldLease {
  readonly holder: LeaseHolder;
  readonly alive: boolean;
  /** Its run began and has no result. With a dead holder: somebody has to finish it or take it back. */
  readonly unfinished: boolean;
}

export interface Leases {
  /**
   * Throws LEASE_HELD (holder named) unless free, released, or its holder is provably dead and left nothing half-done: then only
   * its own run may go on. Atomic: of two callers one wins.
   */
  acquire(root: string, runId: string, purpose: LeaseHolder['purpose']): Lease;
  /** The newest holder; null when nobody holds. Throws STATE_UNWRITABLE when this user may not see it. */
  look(root: string): HeldLease | null;
}
