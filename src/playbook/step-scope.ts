// What an expression sees of steps: effects of a change by name, `verdict` and `observation` of a check.
// A step that has not ended is there with null in all of them, so that a condition about it is false and not an error.
import type { Json } from '../core/json.js';
import type { StepResult } from '../core/step-result.js';

/** The value of `steps` in expressions; `ids` are those of the plan. */
export function stepScope(results: Readonly<Record<string, StepResult>>, ids: readonly string[] = []): Json {
  const scope: Record<string, Json> = {};
  for (const id of ids) scope[id] = { verdict: null, observation: null };
  for (const [id, result] of Object.entries(results)) {
    scope[id] = { ...result.effects, verdict: result.verdict?.status ?? null, observation: result.observation };
  }
  return scope;
}
