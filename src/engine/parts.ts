// What the engine is handed: the plan, its journal and lease, the ports, and a few things that only the shell can do.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { Journal } from '../core/ports/journal.js';
import type { Lease } from '../core/ports/lease.js';
import type { Ports } from '../core/ports/ports.js';
import type { RunRequest } from '../core/run-event.js';
import type { StepResult } from '../core/step-result.js';

/** The names that an expression may use. */
export interface Scope {
  readonly inputs: Readonly<Record<string, Json>>;
  readonly target: Json;
  readonly profile: Json;
  readonly steps: Readonly<Record<string, StepResult>>;
  readonly observation?: Json;
}

export interface Expressions {
  /** Resolves every late value inside; throws INPUT_INVALID naming the expression. */
  bind(value: Json, scope: Scope): Json;
  /** A CEL condition; throws likewise when it is not boolean. */
  test(expression: string, scope: Scope): boolean;
}

export interface PendingRequest {
  readonly id: string;
  readonly request: RunRequest;
  readonly by: string;
  readonly reason: string;
}

export interface EngineParts {
  readonly plan: Plan;
  readonly journal: Journal;
  readonly lease: Lease;
  readonly ports: Ports;
  readonly catalogue: Catalogue;
  readonly expressions: Expressions;
  /** A directory of the step, 0700, kept until cleanup. */
  undoDirectory(stepId: string): string;
  /** Tries signing, room and every secret in the guard's own environment. */
  prove(): Promise<
    { readonly secrets: readonly string[]; readonly signing: string } | { readonly refused: string; readonly hint: string | null }
  >;
  armGuard(): Promise<{ readonly pid: number; readonly startTicks: number; readonly by: string }>;
  /** Requests of persons, oldest first; `forget` is called once a request is journalled. */
  readonly requests: { take(): readonly PendingRequest[]; forget(id: string): void };
  /** The first signal that the process got, or null. */
  signal(): string | null;
  /** Rewrites ROLLBACK.md, durable when it resolves. */
  writeByHand(lines: readonly string[]): Promise<void>;
  /** Frees the space that was reserved for the rollback's own events. */
  freeReserve(): void;
  /** Ends the prober and returns its figures (null when none ran). */
  endProber(): Promise<Json>;
  readonly holdMs: number;
}
