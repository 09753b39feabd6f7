// Where runs live: beside the deployment, complete in themselves, so that any operator, the guard or a person with `sh` finds
// everything there; the host's state directory only holds an index of them.
import type { Json } from '../json.js';
import type { Plan } from '../plan.js';
import type { RunRequest } from '../run-event.js';

/** Who asked for the run and under which conditions; written before the run begins. */
export interface RunOrder {
  readonly runId: string;
  readonly operator: Json;
  readonly host: Json;
  readonly changeRef: string | null;
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly approval: Json;
  /** Rules that were overridden, each with a reason: they stand in the report. */
  readonly overrides: readonly { readonly rule: string; readonly reason: string; readonly by: string }[];
  readonly deadlineMs: number;
  readonly createdAt: string;
}

/** The last word of a run process; the file's presence says that nothing more will come from it. */
export interface RunResult {
  /** The last event that it speaks of: a run that is opened again gets a later one. */
  readonly lastSeq: number;
  readonly exitCode: number;
  readonly outcome: string;
  readonly why: string;
  readonly hint: string | null;
  readonly report: { readonly directory: string; readonly signed: boolean; readonly problem: string | null } | null;
}

export interface RunFolder {
  readonly runId: string;
  readonly path: string;
  readonly journalPath: string;
  readonly probePath: string;
  readonly notificationsPath: string;
  readonly logPath: string;
  plan(): Plan;
  order(): RunOrder;
  result(): RunResult | null;
  writeResult(result: RunResult): Promise<void>;
  forgetResult(): void;
  /** 0700, created when asked for. */
  undoDirectory(stepId: string): string;
  readonly byHandPath: string;
  writeByHand(lines: readonly string[]): Promise<void>;
  /** Holds room for the way back's own events; nothing when it is held already. Throws NO_ROOM. */
  keepReserve(): Promise<void>;
  freeReserve(): void;
  request(request: RunRequest, by: string, reason: string): Promise<void>;
  requests(): readonly { readonly id: string; readonly request: RunRequest; readonly by: string; readonly reason: string }[];
  forgetRequest(id: string): void;
  /** A name for the next report: `report`, then `report-2` … */
  reportDirectory(): string;
  /** Folders of the signed reports that this run has so far, oldest first; one that a crash left half written is not among them. */
  reports(): readonly string[];
}

export interface RunFolders {
  /** All or nothing: the folder appears with plan and order in it. Throws STATE_UNWRITABLE, NETWORK_FILESYSTEM, NO_ROOM. */
  create(root: string, plan: Plan, order: RunOrder): Promise<RunFolder>;
  open(path: string): RunFolder;
  /**
   * By id, by a unique beginning or end of one, or by the path of its folder, which puts a run that another user began on this
   * index; throws RUN_UNKNOWN, and STATE_UNWRITABLE when this user may not see it.
   */
  find(run: string): RunFolder;
  /** Those of this index, newest first. */
  list(): readonly RunFolder[];
  /** Those that lie beside a deployment, whoever began them, newest first; throws STATE_UNWRITABLE. */
  beside(root: string): readonly RunFolder[];
  /** What `find` of this user takes for a run beside a deployment: its id, or the path of its folder. */
  nameOf(root: string, runId: string): string;
  remove(folder: RunFolder): void;
}
