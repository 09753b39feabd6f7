// Asks a group of consecutive checks: side by side where they may be, one after another where they spend one caller's limits
// or need each other.
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Plan, PlannedCheck, Until } from '../core/plan.js';
import type { Way } from '../core/run-event.js';
import { inconclusive, skip, type Verdict } from '../core/verdict.js';
import { type Answer, ask, type Patience } from './ask.js';
import { checkContext, scopeOf } from './context.js';
import type { EngineParts } from './parts.js';
import type { Recorder } from './recorder.js';
import { stepsOf } from './run-state.js';

const MOST_AT_ONCE = 8;
/** For how long the new version may give no answer where its check does not say: it costs its users as much before it is taken back. */
const UNMEASURED_MS = 10_000;
/** How a red answer is asked again where the plan does not say: the old version needs a moment to be as it was. */
const RESTORED: Until = { intervalMs: 500, timeoutMs: 30_000, consecutive: 1 };

export interface CheckGroup {
  readonly phase: string;
  readonly way: Way;
  readonly steps: readonly PlannedCheck[];
  readonly retryUnmeasured: boolean;
}

export async function performChecks(parts: EngineParts, recorder: Recorder, group: CheckGroup): Promise<void> {
  const ended = new Map<string, Promise<void>>();
  const free = slots(MOST_AT_ONCE);
  let spending: Promise<void> = Promise.resolve();
  for (const step of group.steps) {
    const needs = [...step.needs, ...step.after].map((need) => ended.get(need)).filter((need) => need !== undefined);
    const turn = step.effects === 'none' ? Promise.resolve() : spending;
    const done = Promise.all([turn, ...needs]).then(async () => {
      const leave = await free();
      try {
        await askOne(parts, recorder, group, step);
      } finally {
        leave();
      }
    });
    ended.set(step.id, done);
    if (step.effects !== 'none') spending = done;
  }
  await Promise.all(ended.values());
}

function slots(count: number): () => Promise<() => void> {
  let taken = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    taken -= 1;
    waiting.shift()?.();
  };
  return async () => {
    if (taken >= count) await new Promise<void>((resolve) => waiting.push(resolve));
    taken += 1;
    return leave;
  };
}

async function askOne(parts: EngineParts, recorder: Recorder, group: CheckGroup, step: PlannedCheck): Promise<void> {
  const { phase, way } = group;
  const { state } = recorder;
  const red = step.needs.find((need) =>
    ['fail', 'inconclusive'].includes((way === 'back' ? state.restored : state.checks).get(need)?.verdict.status ?? ''),
  );
  if (red !== undefined) return finish(recorder, group, step, unasked(withoutNeed(parts.plan, red)));
  try {
    if (step.when !== undefined && !parts.expressions.test(step.when, scopeOf(parts.plan, state, way))) {
      const why = `when: ${step.when} is false`;
      if (way === 'back') return finish(recorder, group, step, unasked(skip(why)));
      recorder.record({ type: 'step-left-out', data: { step: step.id, phase, why } });
      return;
    }
    recorder.record({ type: 'check-started', data: { step: step.id, phase, way } });
    finish(recorder, group, step, await answerOf(parts, recorder, group, step));
  } catch (error) {
    // What cannot be computed was not measured; only what means that nothing may be written any more ends the process.
    if (!(error instanceof RouterctlError) || error.code !== 'INPUT_INVALID') throw error;
    finish(recorder, group, step, unasked(inconclusive(error.message, error.hint === undefined ? {} : { hint: error.hint })));
  }
}

/** A red need that is required speaks for itself; behind one that only warns, what was not asked stays unproven. */
function withoutNeed(plan: Plan, need: string): Verdict {
  const words = `needs ${need}, which did not pass`;
  return stepsOf(plan).find(({ id }) => id === need)?.severity === 'required' ? skip(words) : inconclusive(words);
}

const unasked = (verdict: Verdict): Answer => ({ verdict, observation: null, attempts: 0, tookMs: 0 });

function finish(recorder: Recorder, { phase, way }: CheckGroup, step: PlannedCheck, answer: Answer): void {
  recorder.record({ type: 'check-finished', data: { step: step.id, phase, way, ...answer } });
}

async function answerOf(parts: EngineParts, recorder: Recorder, group: CheckGroup, step: PlannedCheck): Promise<Answer> {
  const { plan, catalogue, ports, expressions } = parts;
  const definition = catalogue.checks.get(step.kind);
  if (definition === undefined)
    throw new RouterctlError('PLAN_INVALID', `the plan uses the check ${step.kind}, which this routerctl does not have`);
  const bound = definition.spec.parse(expressions.bind(step.with, scopeOf(plan, recorder.state, group.way)));
  return ask({
    step,
    definition,
    spec: bound as Json,
    ports,
    until: untilOf(step, group),
    onlyUnmeasured: step.until === undefined && group.way === 'forward',
    context: (signal) => checkContext(plan, recorder.state, recorder.runId, step, group.way, signal),
    giveUp: (observation) =>
      step.until?.abortIf !== undefined &&
      observation !== null &&
      expressions.test(step.until.abortIf, scopeOf(plan, recorder.state, group.way, observation)),
  });
}

function untilOf(step: PlannedCheck, group: CheckGroup): Patience | null {
  if (step.until !== undefined) return step.until;
  if (group.way === 'back') return RESTORED;
  return group.retryUnmeasured ? { intervalMs: 1000, timeoutMs: UNMEASURED_MS, consecutive: 1, leastAttempts: 2 } : null;
}
