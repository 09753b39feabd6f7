// What the engine may do next. `decide` chooses one, `run` performs it; nothing else moves a run.
import type { ExitCode } from '../core/exit-code.js';
import type { PlannedChange, PlannedCheck } from '../core/plan.js';
import type { RunOutcome, Way } from '../core/run-event.js';

export type Action =
  | { readonly do: 'start-phase'; readonly phase: string }
  | { readonly do: 'leave-out'; readonly step: string; readonly phase: string; readonly why: string }
  | {
      readonly do: 'ask';
      readonly phase: string;
      readonly way: Way;
      readonly steps: readonly PlannedCheck[];
      readonly retryUnmeasured: boolean;
    }
  /** Signing, the guard's secrets, room: tried before anything is changed. */
  | { readonly do: 'prove' }
  | { readonly do: 'arm-guard' }
  | { readonly do: 'check-undo'; readonly steps: readonly PlannedChange[] }
  | { readonly do: 'change'; readonly phase: string; readonly step: PlannedChange }
  | { readonly do: 'inspect'; readonly step: PlannedChange }
  /** An inspection found the change in place: its outcome is journalled from what is there. */
  | { readonly do: 'settle'; readonly phase: string; readonly step: PlannedChange }
  | { readonly do: 'commit'; readonly phase: string }
  | { readonly do: 'hold'; readonly reason: string }
  | { readonly do: 'wait-on-hold'; readonly untilMs: number }
  | { readonly do: 'end-hold'; readonly how: 'resume' | 'rollback' | 'keep' | 'deadline' }
  | { readonly do: 'order-isolation'; readonly why: string }
  | { readonly do: 'order-rollback'; readonly why: string; readonly code: RollbackCode; readonly phase: string | null }
  | { readonly do: 'revert'; readonly step: PlannedChange }
  | { readonly do: 'conclude-rollback'; readonly verified: boolean; readonly failed: readonly string[] }
  | { readonly do: 'finish'; readonly outcome: RunOutcome; readonly exitCode: ExitCode; readonly why: string };

/** Why a rollback was ordered: it chooses the exit code when nothing live had been touched. */
export type RollbackCode =
  | 'failed'
  | 'unproven'
  | 'refused'
  | 'requested'
  | 'criterion'
  | 'deadline'
  | 'signal'
  | 'runner-died'
  | 'hold-ended';
