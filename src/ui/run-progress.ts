// Where a run stands, folded from its events: pure, so that a terminal that attaches late sees the same as one that never left.
import type { Plan, PlannedPhase, PlannedStep } from '../core/plan.js';
import type { EventOf, RunEvent, RunOutcome } from '../core/run-event.js';
import type { VerdictStatus } from '../core/verdict.js';

export type StepStatus = 'waiting' | 'running' | VerdictStatus | 'done' | 'unchanged' | 'failed' | 'conflict' | 'left-out';

export interface StepProgress {
  readonly id: string;
  readonly planned: PlannedStep | null;
  status: StepStatus;
  sinceMs: number | null;
  tookMs: number | null;
  summary: string | null;
}

export interface PhaseProgress {
  readonly name: string;
  readonly planned: PlannedPhase | null;
  readonly steps: Map<string, StepProgress>;
  startedMs: number | null;
  endedMs: number | null;
  committed: boolean;
}

export interface RunProgress {
  readonly phases: PhaseProgress[];
  /** Reverts, then the checks that validate them; null until a rollback is ordered. */
  back: PhaseProgress | null;
  created: EventOf<'run-created'>['data'] | null;
  /** Who took it over from the one who began it. */
  takenOverBy: string | null;
  runId: string | null;
  startedMs: number | null;
  guard: string | null;
  guardPid: number | null;
  deadlineMs: number | null;
  /** When the first change began that a user can notice. */
  firstLiveMs: number | null;
  /** Changes with an effect that are neither taken back nor committed. */
  readonly applied: Set<string>;
  hold: { reason: string; untilMs: number } | null;
  rollbackWhy: string | null;
  rollbackVerified: boolean | null;
  rollbackFailed: readonly string[];
  lastNote: string | null;
  outcome: { outcome: RunOutcome; exitCode: number; why: string; atMs: number } | null;
  lastMs: number;
}

export function runProgress(plan: Plan, events: readonly RunEvent[]): RunProgress {
  const progress = emptyProgress(plan);
  for (const event of events) foldEvent(progress, event);
  return progress;
}

function emptyProgress(plan: Plan): RunProgress {
  return {
    phases: plan.phases.map(phaseOf),
    back: null,
    created: null,
    takenOverBy: null,
    runId: null,
    startedMs: null,
    guard: null,
    guardPid: null,
    deadlineMs: null,
    firstLiveMs: null,
    applied: new Set(),
    hold: null,
    rollbackWhy: null,
    rollbackVerified: null,
    rollbackFailed: [],
    lastNote: null,
    outcome: null,
    lastMs: 0,
  };
}

function phaseOf(planned: PlannedPhase): PhaseProgress {
  const steps = new Map(planned.steps.map((step) => [step.id, newStep(step.id, step)]));
  return { name: planned.name, planned, steps, startedMs: null, endedMs: null, committed: false };
}

const newStep = (id: string, planned: PlannedStep | null): StepProgress => ({
  id,
  planned,
  status: 'waiting',
  sinceMs: null,
  tookMs: null,
  summary: null,
});

function foldEvent(progress: RunProgress, event: RunEvent): void {
  const atMs = Date.parse(event.ts);
  progress.lastMs = atMs;
  progress.runId = event.runId;
  foldRun(progress, event, atMs);
  foldSteps(progress, event, atMs);
  foldBack(progress, event, atMs);
}

function foldRun(progress: RunProgress, event: RunEvent, atMs: number): void {
  switch (event.type) {
    case 'run-created':
      progress.created = event.data;
      progress.startedMs = atMs;
      return;
    case 'lease-taken':
      if (event.data.by === 'rollback') openAgain(progress);
      return;
    case 'guard-armed':
      progress.guard = event.data.by;
      progress.guardPid = event.data.pid;
      return;
    case 'deadline-set':
      progress.deadlineMs = event.data.atMs;
      return;
    case 'hold-started':
      progress.hold = { reason: event.data.reason, untilMs: event.data.untilMs };
      return;
    case 'hold-ended':
      progress.hold = null;
      return;
    case 'handed-over':
      progress.takenOverBy = event.data.to;
      return;
    case 'note':
      progress.lastNote = `${event.data.by}: ${event.data.text}`;
      return;
    case 'run-finished':
      endOpenPhase(progress, atMs);
      if (progress.back !== null) progress.back.endedMs ??= atMs;
      progress.hold = null;
      progress.outcome = { outcome: event.data.outcome, exitCode: event.data.exitCode, why: event.data.why, atMs };
      return;
    default:
      return;
  }
}

/** What a finished run said of its end and of an earlier way back says nothing about the attempt that begins here. */
function openAgain(progress: RunProgress): void {
  progress.outcome = null;
  progress.back = null;
  progress.rollbackWhy = null;
  progress.rollbackVerified = null;
  progress.rollbackFailed = [];
}

function foldSteps(progress: RunProgress, event: RunEvent, atMs: number): void {
  switch (event.type) {
    case 'phase-started':
      endOpenPhase(progress, atMs);
      phaseNamed(progress, event.data.phase).startedMs ??= atMs;
      return;
    case 'phase-committed': {
      const phase = phaseNamed(progress, event.data.phase);
      phase.committed = true;
      for (const id of phase.steps.keys()) progress.applied.delete(id);
      for (const earlier of progress.phases) {
        if (earlier === phase) return;
        for (const id of earlier.steps.keys()) progress.applied.delete(id);
      }
      return;
    }
    case 'check-started':
      return startStep(stepIn(progress, event.data.way, event.data.phase, event.data.step), atMs);
    case 'check-finished': {
      const { verdict, tookMs, way, phase, step } = event.data;
      return endStep(stepIn(progress, way, phase, step), verdict.status, verdict.summary, tookMs);
    }
    case 'step-left-out':
      return endStep(stepIn(progress, 'forward', event.data.phase, event.data.step), 'left-out', event.data.why, null);
    case 'change-intent': {
      const step = stepIn(progress, 'forward', event.data.phase, event.data.step);
      startStep(step, atMs);
      if (step.planned?.type !== 'change' || step.planned.impact !== 'none') progress.applied.add(step.id);
      if (step.planned?.type === 'change' && step.planned.impact === 'live') progress.firstLiveMs ??= atMs;
      return;
    }
    case 'change-finished': {
      const { phase, step, status, summary, tookMs } = event.data;
      return endStep(stepIn(progress, 'forward', phase, step), status, summary, tookMs);
    }
    default:
      return;
  }
}

function foldBack(progress: RunProgress, event: RunEvent, atMs: number): void {
  switch (event.type) {
    case 'rollback-ordered':
      endOpenPhase(progress, atMs);
      progress.rollbackWhy = event.data.why;
      backPhase(progress).startedMs ??= atMs;
      return;
    case 'revert-intent':
      return startStep(stepIn(progress, 'back', '', event.data.step), atMs);
    case 'revert-finished': {
      const { step, status, summary, tookMs } = event.data;
      endStep(stepIn(progress, 'back', '', step), status, summary, tookMs);
      if (status === 'done' || status === 'unchanged') progress.applied.delete(step);
      return;
    }
    case 'rollback-validated':
      progress.rollbackVerified = event.data.verified;
      progress.rollbackFailed = event.data.failed;
      backPhase(progress).endedMs = atMs;
      return;
    default:
      return;
  }
}

function endOpenPhase(progress: RunProgress, atMs: number): void {
  for (const phase of progress.phases) if (phase.startedMs !== null) phase.endedMs ??= atMs;
}

function phaseNamed(progress: RunProgress, name: string): PhaseProgress {
  const known = progress.phases.find((phase) => phase.name === name);
  if (known !== undefined) return known;
  const added: PhaseProgress = { name, planned: null, steps: new Map(), startedMs: null, endedMs: null, committed: false };
  progress.phases.push(added);
  return added;
}

function backPhase(progress: RunProgress): PhaseProgress {
  progress.back ??= { name: 'rollback', planned: null, steps: new Map(), startedMs: null, endedMs: null, committed: false };
  return progress.back;
}

function stepIn(progress: RunProgress, way: 'forward' | 'back', phaseName: string, id: string): StepProgress {
  const phase = way === 'back' ? backPhase(progress) : phaseNamed(progress, phaseName);
  const known = phase.steps.get(id);
  if (known !== undefined) return known;
  const planned = progress.phases.flatMap((each) => each.planned?.steps ?? []).find((step) => step.id === id) ?? null;
  const added = newStep(id, planned);
  phase.steps.set(id, added);
  return added;
}

function startStep(step: StepProgress, atMs: number): void {
  step.status = 'running';
  step.sinceMs = atMs;
}

function endStep(step: StepProgress, status: StepStatus, summary: string, tookMs: number | null): void {
  step.status = status;
  step.summary = summary;
  step.tookMs = tookMs;
}
