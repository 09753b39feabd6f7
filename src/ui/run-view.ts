// What an operator must see of a run at one moment, as data: folded from its plan, its events and what was measured just now.
// Anything that was not measured is null here and left out on the screen.
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent, RunOutcome } from '../core/run-event.js';
import { counted, span } from './figures.js';
import { type PhaseView, phaseView } from './phase-view.js';
import { rollbackPolicy } from './rollback-policy.js';
import { type RunProgress, runProgress } from './run-progress.js';
import { type Versions, versionsOf } from './run-versions.js';

export interface LiveNumbers {
  readonly nowMs: number;
  /** Known before the first event is. */
  readonly runId?: string;
  /** Nobody drives the run. */
  readonly alone?: boolean;
  /** IANA name; the machine's own when absent. */
  readonly zone?: string;
  readonly probe?: { readonly perSecond: number; readonly ok: number; readonly failed: number; readonly downMs: number } | null;
  /** The version that answered last; null while nothing answers, absent when nobody asks. */
  readonly serving?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly watcher?: string | null;
  /** A rehearsed or measured rollback. */
  readonly rollbackMs?: number | null;
  /** What steps took in earlier runs, by step id. */
  readonly usualMs?: Readonly<Record<string, number>>;
  /** Measured gates, one phrase each: `error 0.3 % (max 2 %, n 3,212)`. */
  readonly gates?: readonly string[];
}

export interface RunView {
  readonly target: string;
  readonly environment: string;
  readonly host: string | null;
  readonly versions: Versions;
  readonly changeRef: string | null;
  readonly runId: string;
  readonly operator: string | null;
  readonly watcher: string | null;
  readonly nowMs: number;
  readonly zone: string;
  readonly windowEndMs: number | null;
  readonly lastRollbackMs: number | null;
  readonly serving: { readonly version: string | null; readonly which: 'old' | 'new' | null } | null;
  readonly probe: { readonly perSecond: number; readonly ok: number; readonly failed: number; readonly downMs: number } | null;
  readonly ctrlC: string;
  readonly rollbackKey: string;
  readonly phases: readonly PhaseView[];
  readonly rollbackWhy: string | null;
  readonly rollingBack: boolean;
  readonly hold: { readonly reason: string; readonly untilMs: number } | null;
  readonly policy: string | null;
  readonly gates: readonly string[];
  /** Who watches over the run, once armed. */
  readonly guard: string | null;
  readonly need: { readonly text: string; readonly urgent: boolean };
  /** Nobody drives it: what ran then is not known to run. */
  readonly alone: boolean;
  readonly finished: { readonly outcome: RunOutcome; readonly exitCode: number; readonly why: string } | null;
  readonly elapsedMs: number | null;
}

export function runView(plan: Plan, events: readonly RunEvent[], live: LiveNumbers): RunView {
  const progress = runProgress(plan, events);
  const versions = versionsOf(plan, events, live);
  const zone = live.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const windowEndMs = plan.window === null ? null : Date.parse(plan.window.to);
  const nowMs = progress.outcome?.atMs ?? live.nowMs;
  const alone = live.alone === true && progress.outcome === null;
  return {
    target: plan.target.name,
    environment: plan.target.environment,
    host: nameIn(progress.created?.host, ['hostname', 'name']),
    versions,
    changeRef: progress.created?.changeRef ?? null,
    runId: progress.runId ?? live.runId ?? '',
    operator: progress.takenOverBy ?? nameIn(progress.created?.operator, ['user', 'name', 'sudoUser']),
    watcher: live.watcher ?? null,
    nowMs,
    zone,
    windowEndMs,
    lastRollbackMs: windowEndMs === null || live.rollbackMs == null ? null : windowEndMs - live.rollbackMs,
    serving: servingOf(versions, live),
    probe: live.probe ?? null,
    ctrlC: ctrlCWords(progress),
    rollbackKey: rollbackKeyWords(progress, live.rollbackMs ?? null),
    phases: alone ? phaseViews(progress, progress.lastMs, {}).map(leftAlone) : phaseViews(progress, nowMs, live.usualMs ?? {}),
    alone,
    rollbackWhy: progress.rollbackWhy,
    rollingBack: progress.back !== null,
    hold: progress.hold,
    policy: policyWords(plan, progress),
    gates: live.gates ?? [],
    guard: guardWords(progress),
    need: needOf(progress, alone),
    finished: progress.outcome,
    elapsedMs: progress.startedMs === null ? null : nowMs - progress.startedMs,
  };
}

/** A person or a machine told as JSON: a plain name, or the first of the usual members. */
export function nameIn(value: Json | undefined, members: readonly string[]): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const object = value as Readonly<Record<string, Json>>;
  for (const member of members) {
    const found = object[member];
    if (typeof found === 'string' && found !== '') return found;
  }
  return null;
}

function servingOf(versions: Versions, live: LiveNumbers): RunView['serving'] {
  if (live.serving === undefined) return null;
  const version = live.serving;
  if (version === null) return { version: null, which: null };
  if (versions.from === versions.to) return { version, which: null };
  return { version, which: version === versions.from ? 'old' : version === versions.to ? 'new' : null };
}

function phaseViews(progress: RunProgress, nowMs: number, usualMs: Readonly<Record<string, number>>): readonly PhaseView[] {
  const forward = progress.phases.map((phase, index) => phaseView(phase, index + 1, nowMs, usualMs));
  if (progress.back === null) return progress.outcome === null ? forward : forward.filter(({ mark }) => mark !== 'waiting');
  const reached = forward.filter(({ mark }) => mark !== 'waiting' && mark !== 'skipped');
  const back = phaseView(progress.back, null, nowMs, usualMs);
  const failed = progress.rollbackVerified === false || (progress.outcome !== null && progress.rollbackVerified === null);
  const words = progress.rollbackVerified === true ? 'verified against the baseline' : failed ? 'not verified' : back.words;
  const mark = failed ? 'failed' : progress.rollbackVerified === true ? 'passed' : back.mark === 'failed' ? 'failed' : 'running';
  return [...reached, { ...back, words, mark, ...(progress.outcome === null && !failed ? {} : { current: null }) }];
}

/** Told up to the last sign of life; whether its step still does something nobody knows. */
function leftAlone(phase: PhaseView): PhaseView {
  if (phase.mark !== 'running') return phase;
  const words = phase.current === null ? 'its end is not known' : `${phase.current.name}: its end is not known`;
  return { ...phase, mark: 'unknown', words, current: null };
}

function ctrlCWords(progress: RunProgress): string {
  if (progress.back !== null) return 'asks first; the rollback goes on';
  if (progress.firstLiveMs !== null) return 'asks first; nothing stops';
  return progress.applied.size === 0 ? 'asks first; nothing changed yet' : 'asks first; users notice nothing yet';
}

function rollbackKeyWords(progress: RunProgress, rollbackMs: number | null): string {
  if (progress.back !== null) return 'already rolling back';
  const open = progress.applied.size;
  if (open === 0)
    return progress.phases.some(({ committed }) => committed) ? 'committed; later: routerctl rollback' : 'nothing to take back';
  return `takes back ${counted(open, 'change')}${rollbackMs === null ? '' : ` (${span(rollbackMs)})`}`;
}

function policyWords(plan: Plan, progress: RunProgress): string | null {
  if (progress.back !== null || progress.outcome !== null) return null;
  const open = progress.phases.find((phase) => phase.startedMs !== null && phase.endedMs === null);
  const failed =
    open !== undefined &&
    [...open.steps.values()].some(({ status }) => status === 'fail' || status === 'inconclusive' || status === 'failed');
  return failed ? rollbackPolicy(plan, open.name) : null;
}

function guardWords(progress: RunProgress): string | null {
  if (progress.guard === null) return null;
  const host = nameIn(progress.created?.host, ['hostname', 'name']);
  return `${host === null ? '' : `on ${host} `}(${progress.guard})`;
}

function needOf(progress: RunProgress, alone: boolean): RunView['need'] {
  if (progress.outcome !== null) {
    return progress.outcome.exitCode === 5 ? { text: 'A PERSON IS NEEDED', urgent: true } : { text: 'DONE', urgent: false };
  }
  if (alone) return { text: 'NOBODY DRIVES THIS RUN; THE GUARD IS AWAITED', urgent: true };
  if (progress.hold !== null) return { text: 'YOU DECIDE: [h] continue or keep, [r] roll back', urgent: true };
  return { text: 'YOU NEED TO DO NOTHING NOW', urgent: false };
}
