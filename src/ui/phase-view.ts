// One phase as a line says it: a mark, how many of its steps passed, what runs now, how long it took.
import type { PlannedPhase } from '../core/plan.js';
import { counted } from './figures.js';
import type { PhaseProgress, StepProgress, StepStatus } from './run-progress.js';

/** `unknown`: it ran when its driver died. */
export type PhaseMark = 'waiting' | 'running' | 'unknown' | 'passed' | 'warned' | 'failed' | 'skipped';

export interface CurrentStep {
  readonly name: string;
  readonly elapsedMs: number;
  readonly usualMs: number | null;
  readonly limitMs: number | null;
  /** Other steps that run at the same time. */
  readonly more: number;
}

export interface PhaseView {
  readonly number: number | null;
  readonly name: string;
  readonly mark: PhaseMark;
  readonly passed: number;
  readonly total: number;
  /** What a waiting phase will do, or how a finished one ended beside its numbers. */
  readonly words: string;
  readonly elapsedMs: number | null;
  readonly current: CurrentStep | null;
  readonly problems: readonly { readonly name: string; readonly summary: string; readonly red: boolean }[];
}

const red: ReadonlySet<StepStatus> = new Set(['fail', 'inconclusive', 'failed', 'conflict']);
const settled: ReadonlySet<StepStatus> = new Set(['pass', 'warn', 'waived', 'done', 'unchanged']);

export function phaseView(
  phase: PhaseProgress,
  number: number | null,
  nowMs: number,
  usualMs: Readonly<Record<string, number>>,
): PhaseView {
  const steps = [...phase.steps.values()].filter(({ status }) => status !== 'left-out' && status !== 'skip');
  const mark = markOf(phase, steps);
  return {
    number,
    name: phase.name,
    mark,
    passed: steps.filter(({ status }) => settled.has(status)).length,
    total: steps.length,
    words: mark === 'waiting' ? waitingWords(phase.planned) : mark === 'skipped' ? 'stopped here' : endWords(phase, steps),
    elapsedMs: phase.startedMs === null ? null : (phase.endedMs ?? nowMs) - phase.startedMs,
    current: mark === 'running' ? currentStep(phase, steps, nowMs, usualMs) : null,
    problems: steps.filter(({ status }) => red.has(status) || status === 'warn').map((step) => problem(step)),
  };
}

/** `validate/chat` stays itself; `chat` of phase validate is told as `validate/chat`. */
export function stepName(phase: string, id: string): string {
  return id.startsWith(`${phase}/`) ? id : `${phase}/${id}`;
}

const isWarnOnly = (step: StepProgress): boolean => step.planned?.severity === 'warn' || step.status === 'warn';

const problem = (step: StepProgress) => ({
  name: step.id,
  summary: step.summary ?? step.status,
  red: !isWarnOnly(step),
});

function markOf(phase: PhaseProgress, steps: readonly StepProgress[]): PhaseMark {
  if (steps.some((step) => red.has(step.status) && !isWarnOnly(step))) return 'failed';
  if (phase.startedMs === null) return 'waiting';
  const open = steps.some(({ status }) => status === 'waiting' || status === 'running');
  if (phase.endedMs === null && (open || phase.planned === null)) return 'running';
  if (steps.length === 0) return phase.planned === null ? 'running' : 'passed';
  if (open) return 'skipped';
  return steps.some((step) => isWarnOnly(step) && (red.has(step.status) || step.status === 'warn')) ? 'warned' : 'passed';
}

function waitingWords(planned: PlannedPhase | null): string {
  if (planned === null) return '';
  const checks = planned.steps.filter(({ type }) => type === 'check').length;
  const changes = planned.steps.length - checks;
  const parts = [changes > 0 ? counted(changes, 'change') : '', checks > 0 ? counted(checks, 'check') : ''].filter((part) => part !== '');
  return parts.join(', ') + (planned.commit ? ', then commit' : '');
}

function endWords(phase: PhaseProgress, steps: readonly StepProgress[]): string {
  if (phase.committed) return 'committed';
  const only = steps.length === 1 ? steps[0] : undefined;
  return only !== undefined && settled.has(only.status) ? (only.summary ?? '') : '';
}

function currentStep(
  phase: PhaseProgress,
  steps: readonly StepProgress[],
  nowMs: number,
  usualMs: Readonly<Record<string, number>>,
): CurrentStep | null {
  const running = steps.filter(({ status }) => status === 'running');
  const oldest = running.reduce<StepProgress | null>(
    (best, step) => (best === null || (step.sinceMs ?? 0) < (best.sinceMs ?? 0) ? step : best),
    null,
  );
  if (oldest === null) return null;
  const short = oldest.id.startsWith(`${phase.name}/`) ? oldest.id.slice(phase.name.length + 1) : oldest.id;
  return {
    name: short,
    elapsedMs: nowMs - (oldest.sinceMs ?? nowMs),
    usualMs: usualMs[oldest.id] ?? null,
    limitMs: oldest.planned?.timeoutMs ?? null,
    more: running.length - 1,
  };
}
