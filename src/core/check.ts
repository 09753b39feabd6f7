// The contract of a check: ask (observe, I/O through read ports only), then answer (judge, pure).
import type { Json } from './json.js';
import type { ReadPorts } from './ports/ports.js';
import type { Profile } from './profile.js';
import type { StepResult } from './step-result.js';
import type { Subject } from './subject.js';
import type { Target } from './target.js';
import type { Observed, Verdict } from './verdict.js';
import type { z } from './zod.js';

/** What asking costs; the target's environment limits it (production admits no `state`). */
export type CheckEffects = 'none' | 'traffic' | 'spend' | 'state';

export interface JudgeContext {
  readonly runId: string;
  readonly stepId: string;
  readonly target: Target;
  readonly profile: Profile;
  readonly subject: Subject;
  /**
   * The observation of this step (same id) before the change, when one was taken; null otherwise.
   * With `mode: 'restored'` it is the expectation: after a rollback the old version must look as it did before.
   */
  readonly baseline: Json | null;
  /** `expect`: the spec states what must hold. `restored`: a rollback is being validated against the baseline. */
  readonly mode: 'expect' | 'restored';
  /** Results of the steps that ended before this one, by step id; a suite's member is `suite/member`. */
  readonly results: Readonly<Record<string, StepResult>>;
  /** Epoch milliseconds at which the run began. */
  readonly runStartedAtMs: number;
}

export interface CheckContext extends JudgeContext {
  /** Aborted when the step's time is up; every port call of `observe` hands it on. */
  readonly signal: AbortSignal;
}

export interface CheckDefinition<Spec = unknown, Observation extends Json = Json> {
  /** Equal to the file name and to the word in YAML. */
  readonly kind: string;
  readonly title: string;
  /** Why an operator wants to know, one sentence. */
  readonly why: string;
  readonly subject: readonly Subject['kind'][];
  readonly effects: CheckEffects;
  readonly spec: z.ZodType<Spec>;
  observe(spec: Spec, ports: ReadPorts, context: CheckContext): Promise<Observed<Observation>>;
  judge(observation: Observation, spec: Spec, context: JudgeContext): Verdict;
}

/** Fixes the types of one check kind; the catalogue sees it with its spec and observation hidden. */
export function defineCheck<Spec, Observation extends Json>(
  definition: CheckDefinition<Spec, Observation>,
): CheckDefinition<Spec, Observation> {
  return definition;
}
