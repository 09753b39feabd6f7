// The contract of a change: planned, prepared, applied, inspected and taken back by the engine, in that order of trust.
import type { Json } from './json.js';
import type { Ports, ReadPorts } from './ports/ports.js';
import type { Profile } from './profile.js';
import type { StepResult } from './step-result.js';
import type { Subject } from './subject.js';
import type { Target } from './target.js';
import type { Verdict } from './verdict.js';
import type { z } from './zod.js';

export type ChangeRole = 'stage' | 'edit' | 'data' | 'activate';
export type ChangeImpact = 'none' | 'staged' | 'live';
export type Reversal = 'exact' | `via:${string}` | 'none';
export type Inspection = 'absent' | 'partial' | 'present' | 'unknown';

/** One line of a plan: `keep` is context, the others are what will differ. No secret values, ever. */
export interface DiffLine {
  readonly sign: '+' | '-' | '~' | ' ';
  readonly text: string;
  /** What was seen when the plan was made, told for information: the run may find it otherwise, so that it is no part of the hash. */
  readonly informs?: true;
}

export interface Planned {
  readonly diff: readonly DiffLine[];
  /** Visible to later steps as `steps.<id>.<name>`; null is "known after this step". */
  readonly effects: Readonly<Record<string, Json>>;
}

/** `undo` and `expects` are journalled before `apply`: references, paths and keyed digests, never a secret. */
export interface Prepared {
  readonly undo: Json;
  readonly expects: Json;
}

export type Outcome =
  | { readonly status: 'done'; readonly summary: string; readonly effects?: Readonly<Record<string, Json>>; readonly evidence?: Json }
  | { readonly status: 'unchanged'; readonly summary: string; readonly effects?: Readonly<Record<string, Json>>; readonly evidence?: Json }
  | { readonly status: 'failed'; readonly summary: string; readonly hint?: string; readonly evidence?: Json }
  /** Someone else changed the thing meanwhile; it was not overwritten. A person is needed (exit 5). */
  | { readonly status: 'conflict'; readonly summary: string; readonly hint: string; readonly evidence?: Json };

export interface ChangeContext {
  readonly runId: string;
  readonly stepId: string;
  readonly target: Target;
  readonly profile: Profile;
  readonly subject: Subject;
  readonly results: Readonly<Record<string, StepResult>>;
  readonly runStartedAtMs: number;
  /** A directory of this run, mode 0700, for what `revert` needs; kept until cleanup. */
  readonly undoDirectory: string;
  readonly signal: AbortSignal;
}

/** Facts by name, in the order in which `record` made them durable; a later one of the same name replaces an earlier one. */
export type Facts = Readonly<Record<string, Json>>;
/** Durable when the promise resolves. Called before an act that a crash must not hide, and after a measured result. */
export type RecordFact = (name: string, value: Json) => Promise<void>;

export interface ChangeDefinition<Spec = unknown> {
  readonly kind: string;
  readonly title: string;
  readonly role: ChangeRole;
  readonly impact: ChangeImpact;
  readonly reversal: Reversal;
  readonly subject: readonly Subject['kind'][];
  readonly spec: z.ZodType<Spec>;
  /** Reads only. Must give the same answer for the same state: its diff, but for what only informs, is part of the plan's hash. */
  plan(spec: Spec, ports: ReadPorts, context: ChangeContext): Promise<Planned>;
  /** Reads only, under the lease, just before `apply`. */
  prepare(spec: Spec, ports: ReadPorts, context: ChangeContext): Promise<Prepared>;
  /** May be called again after a crash, with the same `prepared`; throws only for bugs and lost ports. */
  apply(spec: Spec, prepared: Prepared, ports: Ports, context: ChangeContext, record: RecordFact): Promise<Outcome>;
  /** Reads only. What a crashed or failed `apply` left behind. */
  inspect(spec: Spec, prepared: Prepared, facts: Facts, ports: ReadPorts, context: ChangeContext): Promise<Inspection>;
  /** Reads only. Could it be taken back now? Asked before the first live step, before each apply, in rehearsals. */
  checkUndo(undo: Json, ports: ReadPorts, context: ChangeContext): Promise<Verdict>;
  /** May be called twice. Relies on nothing that the change may have broken; never overwrites a third party's later edit. */
  revert(spec: Spec, undo: Json, facts: Facts, ports: Ports, context: ChangeContext, record: RecordFact): Promise<Outcome>;
  /** The plain commands that undo this change without routerctl, for ROLLBACK.md; `sh`, one per element. */
  byHand(spec: Spec, undo: Json, context: ChangeContext): readonly string[];
}

export function defineChange<Spec>(definition: ChangeDefinition<Spec>): ChangeDefinition<Spec> {
  return definition;
}
