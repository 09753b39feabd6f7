// A run without a terminal: one line per event worth telling, UTC in front, and a heartbeat while a step runs, so that a CI
// log never looks dead. The same events as on the screen, only as lines.
import type { Plan, PlannedStep } from '../core/plan.js';
import type { EventOf, RunEvent } from '../core/run-event.js';
import { terminalText } from '../core/terminal-text.js';
import type { Verdict } from '../core/verdict.js';
import { wrap } from './display-width.js';
import { clockSeconds, clockTime, seconds, span } from './figures.js';
import { line, renderLine } from './line.js';
import { stepName } from './phase-view.js';
import { rollbackPolicy } from './rollback-policy.js';
import { runProgress } from './run-progress.js';
import { nameIn } from './run-view.js';
import { plainStyle, type Style } from './style.js';

export type Verbosity = 'quiet' | 'normal' | 'verbose';

/** The words for one event, or null when it tells a person nothing (shown with `verbose` all the same). */
export function plainLine(event: RunEvent, plan: Plan, verbosity: Verbosity = 'normal'): string | null {
  if (verbosity === 'quiet') return null;
  const words = wordsOf(event, plan) ?? (verbosity === 'verbose' ? `${event.type} ${JSON.stringify(event.data)}` : null);
  return words === null ? null : `${clockSeconds(Date.parse(event.ts))}Z  ${terminalText(words)}`;
}

function wordsOf(event: RunEvent, plan: Plan): string | null {
  return runWords(event, plan) ?? stepWords(event, plan);
}

function runWords(event: RunEvent, plan: Plan): string | null {
  switch (event.type) {
    case 'run-created': {
      const { environment, target, changeRef, operator } = event.data;
      const marked = isFromUrl(plan) ? '' : `${environment === 'production' ? 'PRODUCTION' : environment} `;
      const by = nameIn(operator, ['user', 'name', 'sudoUser']);
      return [`run ${event.runId}: ${plan.playbook.name} on ${marked}${target}`, changeRef, by].filter((part) => part !== null).join(' · ');
    }
    case 'refused':
      return `✗ refused: ${event.data.why}${event.data.hint === null ? '' : `; ${event.data.hint}`}`;
    case 'lease-taken':
      return event.data.by === 'runner' ? null : `${event.data.by} drives the run now, pid ${event.data.pid}: ${event.data.reason}`;
    case 'guard-armed':
      return `guard armed (${event.data.by}); back in: routerctl run attach ${event.runId}`;
    case 'handed-over':
      return `${event.data.to} answers for the run now, ${event.data.from} did until now`;
    case 'phase-started': {
      const index = plan.phases.findIndex(({ name }) => name === event.data.phase);
      return index === -1 ? `phase ${event.data.phase}` : `phase ${index + 1}/${plan.phases.length} ${event.data.phase}`;
    }
    case 'phase-committed':
      return `${event.data.phase} committed: no automatic rollback from here`;
    case 'criterion-met':
      return `! criterion ${event.data.criterion}: ${event.data.why}; orders ${event.data.then}`;
    case 'request-received':
      return `${event.data.by} asks for ${event.data.request}: ${event.data.reason}`;
    case 'signal-received':
      return `${event.data.signal} received`;
    case 'hold-started':
      return `HOLD until ${clockTime(event.data.untilMs)} UTC, then rollback: ${event.data.reason}; decide: routerctl run continue ${event.runId}, run keep ${event.runId} or run roll-back ${event.runId}`;
    case 'hold-ended':
      return `hold ended: ${event.data.how}`;
    case 'rollback-ordered':
      return `ROLLBACK: ${event.data.why}`;
    case 'rollback-validated':
      return event.data.verified ? '✓ rollback verified against the baseline' : `✗ rollback not verified: ${event.data.failed.join(', ')}`;
    case 'note':
      return `note by ${event.data.by}: ${event.data.text}`;
    case 'run-finished':
      return `${event.data.outcome}: ${event.data.why} (exit ${event.data.exitCode})`;
    default:
      return null;
  }
}

/** A target that bears the host of its own URL was made from nothing else: its environment is a guess. */
const isFromUrl = ({ target: { name, components } }: Plan): boolean =>
  Object.values(components).some(({ url }) => url !== undefined && URL.canParse(url) && new URL(url).host === name);

function stepWords(event: RunEvent, plan: Plan): string | null {
  switch (event.type) {
    case 'check-started':
      return null;
    case 'check-finished': {
      const { way, phase, step, verdict, tookMs } = event.data;
      const name = way === 'back' ? `rollback/${step}` : stepName(phase, step);
      return `${mark(verdict.status)} ${name}  ${verdict.summary} (${span(tookMs)})${policyBeside(event, plan)}`;
    }
    case 'step-left-out':
      return `- ${stepName(event.data.phase, event.data.step)}  left out: ${event.data.why}`;
    case 'undo-checked': {
      const { step, verdict } = event.data;
      return verdict.status === 'pass' ? null : `${mark(verdict.status)} undo of ${step}  ${verdict.summary}`;
    }
    case 'change-intent': {
      const limit = stepLimitMs(plan, event.data.step);
      return `▶ ${stepName(event.data.phase, event.data.step)}${limit === null ? '' : `  limit ${span(limit)}`}`;
    }
    case 'change-finished': {
      const { phase, step, status, summary, tookMs, hint } = event.data;
      const sign = status === 'done' || status === 'unchanged' ? '✓' : '✗';
      return `${sign} ${stepName(phase, step)}  ${summary} (${span(tookMs)})${hint === null ? '' : `; ${hint}`}`;
    }
    case 'revert-intent':
      return `▶ taking back ${event.data.step}`;
    case 'revert-finished': {
      const { step, status, summary, tookMs, hint } = event.data;
      const sign = status === 'done' || status === 'unchanged' ? '✓' : '✗';
      return `${sign} took back ${step}  ${summary} (${span(tookMs)})${hint === null ? '' : `; ${hint}`}`;
    }
    default:
      return null;
  }
}

/** Whoever reads a red gate in a log must see at once what follows from it. */
function policyBeside({ data }: EventOf<'check-finished'>, plan: Plan): string {
  const red = data.verdict.status === 'fail' || data.verdict.status === 'inconclusive';
  const required = plannedStep(plan, data.step)?.severity !== 'warn';
  const policy = red && required && plan.changing && data.way === 'forward' ? rollbackPolicy(plan, data.phase) : null;
  return policy === null ? '' : `  [${policy}]`;
}

export function mark(status: Verdict['status']): string {
  switch (status) {
    case 'pass':
    case 'waived':
      return '✓';
    case 'warn':
      return '!';
    case 'fail':
      return '✗';
    case 'inconclusive':
      return '?';
    case 'skip':
      return '-';
  }
}

function stepLimitMs(plan: Plan, id: string): number | null {
  return plannedStep(plan, id)?.timeoutMs ?? null;
}

function plannedStep(plan: Plan, id: string): PlannedStep | undefined {
  return plan.phases.flatMap(({ steps }) => steps).find((step) => step.id === id);
}

const heartbeatMs = 10_000;

/** What runs at `nowMs`, when nothing was said for ten seconds; null otherwise. */
export function heartbeatLine(plan: Plan, events: readonly RunEvent[], lastSaidMs: number, nowMs: number): string | null {
  if (nowMs - lastSaidMs < heartbeatMs) return null;
  const progress = runProgress(plan, events);
  if (progress.outcome !== null) return null;
  const at = `${clockSeconds(nowMs)}Z `;
  if (progress.hold !== null) return `${at} … holding until ${clockTime(progress.hold.untilMs)} UTC: ${progress.hold.reason}`;
  for (const phase of progress.back === null ? progress.phases : [progress.back]) {
    const running = [...phase.steps.values()].find(({ status }) => status === 'running');
    if (running === undefined) continue;
    const limit = running.planned === null ? '' : `, limit ${span(running.planned.timeoutMs)}`;
    return `${at} … ${stepName(phase.name, running.id)} still running (${seconds(nowMs - (running.sinceMs ?? nowMs))}${limit})`;
  }
  return `${at} … still running`;
}

/** `02:13:23Z  ` */
const clockWidth = 11;

export interface PlainPrinter {
  event(event: RunEvent): void;
  /** Called about once a second; says what still runs. `awaited`: nobody drives the run, and its guard should come. */
  tick(nowMs: number, awaited?: boolean): void;
}

export function createPlainPrinter(options: {
  readonly plan: Plan;
  readonly verbosity: Verbosity;
  readonly style?: Style;
  /** Of the terminal; unlimited when left out. */
  readonly columns?: number;
  /** What somebody else tells: it only counts for what still runs. */
  readonly untold?: ReadonlySet<RunEvent['type']>;
  readonly write: (line: string) => void;
}): PlainPrinter {
  const events: RunEvent[] = [];
  let lastSaidMs = 0;
  let alone = false;
  const say = (text: string, atMs: number): void => {
    lastSaidMs = atMs;
    const lines = wrap(text.slice(clockWidth), (options.columns ?? Number.POSITIVE_INFINITY) - clockWidth);
    for (const each of lines.map((words, index) => (index === 0 ? text.slice(0, clockWidth) : ' '.repeat(clockWidth)) + words))
      options.write(renderLine(line(each), Number.POSITIVE_INFINITY, options.style ?? plainStyle));
  };
  return {
    event(event) {
      events.push(event);
      const text = options.untold?.has(event.type) === true ? null : plainLine(event, options.plan, options.verbosity);
      const atMs = Date.parse(event.ts);
      if (text !== null) say(text, atMs);
      else if (lastSaidMs === 0) lastSaidMs = atMs;
    },
    tick(nowMs, awaited = false) {
      if (options.verbosity === 'quiet' || events.length === 0) return;
      const leftNow = awaited && !alone;
      alone = awaited;
      // What ran when the driver died is not known to run still.
      if (leftNow) say(`${clockSeconds(nowMs)}Z  ! nobody drives this run; its guard is awaited`, nowMs);
      if (awaited) return;
      const text = heartbeatLine(options.plan, events, lastSaidMs, nowMs);
      if (text !== null) say(text, nowMs);
    },
  };
}
