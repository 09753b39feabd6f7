// A plan is a playbook bound to a target and inputs: what will run, in order, with diffs and predicted effects.
// Its hash covers everything but `createdAt`, `window` and the lines of a diff that only inform; `approve` signs that hash.
import type { ChangeImpact, ChangeRole, DiffLine, Reversal } from './change.js';
import type { CheckEffects } from './check.js';
import { canonicalJson, type Json } from './json.js';
import type { Profile } from './profile.js';
import type { NoteReading } from './release-note.js';
import type { Target } from './target.js';

/** A value that is known only at run time; `expression` is CEL over `steps`, `inputs`, `profile`, `target`. */
export interface Late {
  readonly $late: string;
}

export type OnFailure = 'stop' | 'rollback' | 'rollback-phase' | 'isolate' | 'hold';

export interface Until {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Passes in a row that are needed. */
  readonly consecutive: number;
  /** Each wait is this many times the one before; absent means equal waits. */
  readonly backoff?: number;
  /** CEL over `observation` (null when unmeasured); true gives up at once. */
  readonly abortIf?: string;
}

interface PlannedStepBase {
  /** Unique in the plan; a suite's member is `suite/member`, an iteration `id/key`. */
  readonly id: string;
  readonly title: string;
  /** `component:router`, `database:usage`, `upstream:primary`, or null. */
  readonly on: string | null;
  /** The bound spec; late values are `{"$late": "…"}` anywhere inside. */
  readonly with: Json;
  readonly severity: 'required' | 'warn';
  readonly timeoutMs: number;
  /** Steps that must have passed; otherwise this one is skipped and says so. */
  readonly needs: readonly string[];
  /** Steps that must only have ended, because this one asks about their results. */
  readonly after: readonly string[];
  readonly tags: readonly string[];
  /** CEL evaluated at run time; absent when it was decided at plan time (a step decided away is in `leftOut`). */
  readonly when?: string;
  /** Runs even when its phase has failed. */
  readonly always: boolean;
}

export interface PlannedCheck extends PlannedStepBase {
  readonly type: 'check';
  readonly kind: string;
  readonly effects: CheckEffects;
  readonly until?: Until;
  /** Its observation is kept and asked again, in mode `restored`, after a rollback. */
  readonly baseline: boolean;
  /** Until `expires` (RFC 3339) a red verdict becomes `waived`. */
  readonly waive?: { readonly reason: string; readonly owner: string; readonly expires: string };
}

export interface PlannedChange extends PlannedStepBase {
  readonly type: 'change';
  readonly kind: string;
  readonly role: ChangeRole;
  readonly impact: ChangeImpact;
  readonly reversal: Reversal;
  readonly diff: readonly DiffLine[];
  readonly effects: Readonly<Record<string, Json>>;
}

export type PlannedStep = PlannedCheck | PlannedChange;

export interface PlannedPhase {
  readonly name: string;
  readonly onFailure: OnFailure;
  readonly commit: boolean;
  /** Run only when a phase or a criterion orders `isolate`, instead of what is left; if it fails, everything goes back. */
  readonly isolation: boolean;
  readonly steps: readonly PlannedStep[];
  /** Control probes, asked only when a required check of the phase is red: they tell a broken provider from a broken router. */
  readonly controls: readonly PlannedCheck[];
}

export interface Criterion {
  readonly id: string;
  /** CEL over `steps` and `gates`; true orders `then`. */
  readonly when: string;
  readonly then: 'rollback' | 'isolate' | 'hold';
  readonly why: string;
}

export interface Plan {
  readonly schema: 'routerctl.plan/v1';
  readonly tool: { readonly name: 'routerctl'; readonly version: string };
  readonly playbook: { readonly name: string; readonly title: string; readonly sha256: string };
  readonly target: Target;
  readonly profile: Profile;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly phases: readonly PlannedPhase[];
  readonly criteria: readonly Criterion[];
  /** What the check of the release note will read; absent where the plan has no such check. */
  readonly releaseNote?: NoteReading;
  /** Steps that `when` decided away at plan time, with the reason. */
  readonly leftOut: readonly { readonly id: string; readonly why: string }[];
  /** What the plan was made for: name of a thing -> its digest or value; a difference later is drift. */
  readonly state: Readonly<Record<string, string>>;
  readonly changing: boolean;
  readonly createdAt: string;
  readonly window: { readonly from: string; readonly to: string } | null;
}

/** What a plan promises: all of it but the moment, the window, and what was only seen when it was made. */
export function promiseOf(plan: Plan): Json {
  const { createdAt: _createdAt, window: _window, ...promised } = plan;
  const phases = promised.phases.map((phase) => ({ ...phase, steps: phase.steps.map(promisedStep) }));
  return { ...promised, phases } as unknown as Json;
}

const promisedStep = (step: PlannedStep): PlannedStep =>
  step.type === 'change' ? { ...step, diff: step.diff.filter(({ informs }) => informs !== true) } : step;

/** The text whose sha256 is the plan's hash. */
export function planHashText(plan: Plan): string {
  return canonicalJson(promiseOf(plan));
}
