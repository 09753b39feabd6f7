// Versions that were rolled back on a deployment: nobody tries them again by accident.

export interface BadVersion {
  readonly component: string;
  readonly version: string;
  readonly runId: string;
  readonly why: string;
  readonly at: string;
}

export interface BadVersions {
  find(root: string, version: string): BadVersion | null;
  mark(root: string, bad: BadVersion): Promise<void>;
  lift(root: string, version: string): Promise<void>;
}
