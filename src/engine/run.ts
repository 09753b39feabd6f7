// The loop: fold, decide, perform, until the run has ended. Everything that must survive a crash is in the journal by then.
import { RouterctlError } from '../core/errors.js';
import type { Criterion } from '../core/plan.js';
import type { EventOf, RunEventBody } from '../core/run-event.js';
import type { Action } from './action.js';
import { scopeOf } from './context.js';
import { decide } from './decide.js';
import type { Now } from './decide-interruption.js';
import { isLiveTouched, lateMs } from './judgement.js';
import type { EngineParts, PendingRequest } from './parts.js';
import { performChange } from './perform-change.js';
import { performChecks } from './perform-checks.js';
import { performInspection, performRevert, performUndoChecks } from './perform-revert.js';
import { Recorder } from './recorder.js';

const HOLD_POLL_MS = 250;

/** Runs to the end and returns the last event. Throws LEASE_LOST when a successor took over: then nothing more was written. */
export async function run(parts: EngineParts): Promise<EventOf<'run-finished'>['data']> {
  const recorder = new Recorder(parts.plan, parts.journal, parts.lease);
  for (;;) {
    parts.lease.assertHeld();
    hear(parts, recorder);
    judgeCriteria(parts, recorder);
    const action = decide(parts.plan, recorder.state, nowOf(parts));
    if (action.do === 'finish') return finish(parts, recorder, action);
    await perform(parts, recorder, action);
  }
}

function nowOf({ ports: { clock } }: EngineParts): Now {
  return { nowMs: clock.nowMs(), bootMs: clock.bootMs(), bootId: clock.bootId() };
}

/** Requests of persons and signals become events before anything is decided about them. */
function hear(parts: EngineParts, recorder: Recorder): void {
  for (const request of parts.requests.take()) {
    recorder.record(eventOf(request, recorder.state.answers));
    parts.requests.forget(request.id);
  }
  const signal = parts.signal();
  if (signal !== null && recorder.state.signal === null && recorder.state.finished === null)
    recorder.record({ type: 'signal-received', data: { signal } });
}

function eventOf({ id, request, by, reason }: PendingRequest, answers: string | null): RunEventBody {
  if (request === 'note') return { type: 'note', data: { by, text: reason } };
  if (request === 'take-over') return { type: 'handed-over', data: { from: answers ?? 'unknown', to: by } };
  // A viewer without a terminal hands on the signal that it got.
  if (request === 'stop') return { type: 'signal-received', data: { signal: reason } };
  return { type: 'request-received', data: { id, request, by, reason } };
}

/** Criteria are asked from the first live step until the end of the way forward, never while a rollback is validated. */
function judgeCriteria(parts: EngineParts, recorder: Recorder): void {
  const { plan } = parts;
  const { state } = recorder;
  if (state.rollback !== null || state.criterion !== null || state.finished !== null || !isLiveTouched(plan, state)) return;
  const isDecided = state.by === 'guard' || state.signal !== null || state.request?.request === 'rollback' || state.heldOut !== null;
  if (isDecided || state.hold !== null) return;
  for (const criterion of plan.criteria) {
    const judged = judge(parts, recorder, criterion);
    if (judged === null) continue;
    recorder.record({ type: 'criterion-met', data: { criterion: criterion.id, ...judged } });
    return;
  }
}

/** What a criterion orders, or null. One that cannot be computed is no answer: a person has to look. */
function judge(
  { plan, expressions }: EngineParts,
  { state }: Recorder,
  { id, when, then, why }: Criterion,
): Pick<Criterion, 'then' | 'why'> | null {
  try {
    return expressions.test(when, scopeOf(plan, state, 'forward')) ? { then, why } : null;
  } catch (error) {
    if (!(error instanceof RouterctlError)) throw error;
    return { then: 'hold', why: `the criterion ${id} cannot be judged: ${error.message}` };
  }
}

async function perform(parts: EngineParts, recorder: Recorder, action: Exclude<Action, { do: 'finish' }>): Promise<void> {
  switch (action.do) {
    case 'start-phase':
      recorder.record({ type: 'phase-started', data: { phase: action.phase } });
      return;
    case 'leave-out':
      recorder.record({ type: 'step-left-out', data: { step: action.step, phase: action.phase, why: action.why } });
      return;
    case 'ask':
      return performChecks(parts, recorder, action);
    case 'prove':
      return prove(parts, recorder);
    case 'arm-guard':
      return armGuard(parts, recorder);
    case 'check-undo':
      return performUndoChecks(parts, recorder, action.steps);
    case 'change':
      return performChange(parts, recorder, action.step, action.phase);
    case 'inspect':
      return performInspection(parts, recorder, action.step);
    case 'settle':
      settle(recorder, action);
      return;
    case 'commit':
      recorder.record({ type: 'phase-committed', data: { phase: action.phase } });
      return;
    case 'hold':
      recorder.record({ type: 'hold-started', data: { reason: action.reason, ...holdLimit(parts, recorder) } });
      return;
    case 'wait-on-hold':
      return parts.ports.clock.sleep(HOLD_POLL_MS);
    case 'end-hold':
      recorder.record({ type: 'hold-ended', data: { how: action.how } });
      return;
    case 'order-isolation':
      recorder.record({ type: 'isolation-ordered', data: { why: action.why } });
      return;
    case 'order-rollback':
      parts.freeReserve();
      recorder.record({ type: 'rollback-ordered', data: { why: action.why, code: action.code, phase: action.phase } });
      return;
    case 'revert':
      return performRevert(parts, recorder, action.step);
    case 'conclude-rollback':
      recorder.record({ type: 'rollback-validated', data: { verified: action.verified, failed: action.failed } });
      return;
    default:
      action satisfies never;
  }
}

/** Without a guard nothing is begun; but a way back is never kept waiting for one. */
async function armGuard(parts: EngineParts, recorder: Recorder): Promise<void> {
  const armed = await parts.armGuard().catch((error: unknown) => {
    if (recorder.state.rollback === null) throw error;
    return { pid: 0, startTicks: 0, by: 'nobody' };
  });
  recorder.record({ type: 'guard-armed', data: armed });
}

async function prove(parts: EngineParts, recorder: Recorder): Promise<void> {
  const proof = await parts.prove();
  if ('refused' in proof) recorder.record({ type: 'refused', data: { why: proof.refused, hint: proof.hint } });
  else recorder.record({ type: 'guard-proven', data: proof });
}

function settle(recorder: Recorder, action: Extract<Action, { do: 'settle' }>): void {
  const { step, phase } = action;
  const known = Object.fromEntries(Object.entries(step.effects).filter(([, value]) => value !== null));
  const data = {
    step: step.id,
    phase,
    status: 'done' as const,
    summary: 'found in place after an interruption',
    hint: null,
    effects: known,
    evidence: null,
    tookMs: 0,
  };
  recorder.record({ type: 'change-finished', data });
}

/** A hold may not outlast the run: what waits for a person still needs the time to go back. */
function holdLimit(parts: EngineParts, { state }: Recorder): { untilMs: number; bootId: string; untilBootMs: number } {
  const now = nowOf(parts);
  const left = state.deadline === null ? parts.holdMs : Math.max(0, -lateMs(state.deadline, now));
  const holdMs = Math.min(parts.holdMs, left);
  return { untilMs: now.nowMs + holdMs, bootId: now.bootId, untilBootMs: Math.round(now.bootMs + holdMs) };
}

async function finish(
  parts: EngineParts,
  recorder: Recorder,
  action: Extract<Action, { do: 'finish' }>,
): Promise<EventOf<'run-finished'>['data']> {
  if (recorder.state.finished !== null) return recorder.state.finished;
  const summary = await parts.endProber();
  if (summary !== null) recorder.record({ type: 'probe-summary', data: { summary } });
  const { outcome, exitCode, why } = action;
  recorder.record({ type: 'run-finished', data: { outcome, exitCode, why } });
  const finished = recorder.state.finished;
  if (finished === null) throw new RouterctlError('JOURNAL_DAMAGED', 'the last event of the run was not kept');
  return finished;
}
