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

export interface Leases {
  /** Throws LEASE_HELD (holder named) unless free, released, or its holder is provably dead. Atomic: of two callers one wins. */
  acquire(root: string, runId: string, purpose: LeaseHolder['purpose']): Lease;
  /** The newest holder and whether it lives; null when nobody holds. */
  look(root: string): { readonly holder: LeaseHolder; readonly alive: boolean } | null;
}
