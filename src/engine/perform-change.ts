// One change forwards: bind, prepare, prove that it can be taken back, announce it durably, act, journal the outcome.
import type { ChangeDefinition, Outcome, Prepared } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { PlannedChange } from '../core/plan.js';
import { inconclusive } from '../core/verdict.js';
import { rollbackByHand } from './by-hand.js';
import { contextOf, definitionOf } from './change-call.js';
import { scopeOf } from './context.js';
import type { EngineParts } from './parts.js';
import type { Recorder } from './recorder.js';

/** An act that ignored its time limit: the process must end, so that a successor finds nobody still writing. */
export class StuckAct extends Error {}

const GRACE_AFTER_LIMIT_MS = 10_000;

export async function performChange(parts: EngineParts, recorder: Recorder, step: PlannedChange, phase: string): Promise<void> {
  const scope = scopeOf(parts.plan, recorder.state, 'forward');
  if (step.when !== undefined && !parts.expressions.test(step.when, scope)) {
    recorder.record({ type: 'step-left-out', data: { step: step.id, phase, why: `when: ${step.when} is false` } });
    return;
  }
  const definition = definitionOf(parts, step);
  const startedMs = parts.ports.clock.bootMs();
  const known = recorder.state.changes.get(step.id);
  const attempt = (known?.intents ?? 0) + 1;
  let outcome: Outcome;
  try {
    const spec =
      attempt > 1 && known !== undefined ? known.with : (definition.spec.parse(parts.expressions.bind(step.with, scope)) as Json);
    const prepared =
      attempt > 1 && known !== undefined
        ? { undo: known.undo, expects: known.expects }
        : await definition.prepare(spec, parts.ports, contextOf(parts, recorder, step));
    const refusal = await refusalToStart(parts, recorder, step, definition, prepared);
    outcome = refusal ?? (await announceAndApply({ parts, recorder, step, phase, definition, attempt }, spec, prepared));
  } catch (error) {
    if (error instanceof StuckAct || isLost(error)) throw error;
    outcome = failedBy(error);
  }
  const tookMs = parts.ports.clock.bootMs() - startedMs;
  recorder.record({ type: 'change-finished', data: { step: step.id, phase, ...finishedOf(outcome), tookMs } });
}

/** Something that cannot be taken back is not begun; steps that come after the commit are exempt by declaration. */
async function refusalToStart(
  parts: EngineParts,
  recorder: Recorder,
  step: PlannedChange,
  definition: ChangeDefinition,
  prepared: Prepared,
): Promise<Outcome | null> {
  if (definition.reversal === 'none') return null;
  const verdict = await definition
    .checkUndo(prepared.undo, parts.ports, contextOf(parts, recorder, step))
    .catch((error: unknown) => inconclusive(wordsOf(error)));
  recorder.record({ type: 'undo-checked', data: { step: step.id, verdict } });
  return verdict.status === 'pass' || verdict.status === 'warn'
    ? null
    : {
        status: 'failed',
        summary: `could not be taken back: ${verdict.summary}`,
        hint: verdict.hint ?? 'nothing was changed by this step',
      };
}

interface Acting {
  readonly parts: EngineParts;
  readonly recorder: Recorder;
  readonly step: PlannedChange;
  readonly phase: string;
  readonly definition: ChangeDefinition;
  readonly attempt: number;
}

async function announceAndApply(
  { parts, recorder, step, phase, definition, attempt }: Acting,
  spec: Json,
  prepared: Prepared,
): Promise<Outcome> {
  recorder.record({
    type: 'change-intent',
    data: { step: step.id, phase, attempt, undo: prepared.undo, expects: prepared.expects, with: spec },
  });
  if (step.reversal !== 'none') await parts.writeByHand(rollbackByHand(parts, recorder));
  return withinLimit(step.timeoutMs, step.id, (signal) =>
    definition.apply(spec, prepared, parts.ports, contextOf(parts, recorder, step, signal), (name, value) => {
      recorder.record({ type: 'fact', data: { step: step.id, name, value } });
      return Promise.resolve();
    }),
  );
}

/** Runs an act under a time limit; one that does not even heed the limit ends the process. */
export async function withinLimit(timeoutMs: number, stepId: string, act: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
  const limit = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    grace = setTimeout(() => reject(new StuckAct(`${stepId} ignored its time limit of ${timeoutMs} ms`)), timeoutMs + GRACE_AFTER_LIMIT_MS);
  });
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  try {
    return await Promise.race([act(limit.signal), stuck]);
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
  }
}

/** The deployment is no longer ours, or the journal cannot be trusted: nothing more may be written. */
export function isLost(error: unknown): boolean {
  return error instanceof RouterctlError && ['LEASE_LOST', 'JOURNAL_DAMAGED', 'SECRET_IN_JOURNAL'].includes(error.code);
}

export function failedBy(error: unknown): Outcome {
  if (error instanceof RouterctlError)
    return { status: 'failed', summary: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  return { status: 'failed', summary: `internal error: ${wordsOf(error)}`, hint: 'this is a bug in routerctl' };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 2).join(' ') : String(error);
}

export function finishedOf(outcome: Outcome): {
  status: Outcome['status'];
  summary: string;
  hint: string | null;
  effects: Json;
  evidence: Json;
} {
  return {
    status: outcome.status,
    summary: outcome.summary,
    hint: 'hint' in outcome ? (outcome.hint ?? null) : null,
    effects: 'effects' in outcome ? (outcome.effects ?? {}) : {},
    evidence: outcome.evidence ?? null,
  };
}
