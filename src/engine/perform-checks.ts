// Asks a group of consecutive checks: side by side where they may be, one after another where they spend one caller's limits
// or need each other.
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { PlannedCheck, Until } from '../core/plan.js';
import type { Way } from '../core/run-event.js';
import { skip } from '../core/verdict.js';
import { type Answer, ask } from './ask.js';
import { checkContext, scopeOf } from './context.js';
import type { EngineParts } from './parts.js';
import type { Recorder } from './recorder.js';

const MOST_AT_ONCE = 8;
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
  if (red !== undefined) {
    finish(recorder, group, step, { verdict: skip(`needs ${red}, which did not pass`), observation: null, attempts: 0, tookMs: 0 });
    return;
  }
  if (step.when !== undefined && !parts.expressions.test(step.when, scopeOf(parts.plan, state, way))) {
    recorder.record({ type: 'step-left-out', data: { step: step.id, phase, why: `when: ${step.when} is false` } });
    return;
  }
  recorder.record({ type: 'check-started', data: { step: step.id, phase, way } });
  finish(recorder, group, step, await answerOf(parts, recorder, group, step));
}

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

function untilOf(step: PlannedCheck, group: CheckGroup): Until | null {
  if (step.until !== undefined) return step.until;
  if (group.way === 'back') return RESTORED;
  return group.retryUnmeasured ? { intervalMs: 1000, timeoutMs: 3000, consecutive: 1 } : null;
}
