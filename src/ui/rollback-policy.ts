// What a red gate leads to and who owns that decision, in the words of the plan: printed beside every gate that failed.
import type { Plan } from '../core/plan.js';
import { span } from './figures.js';

/** Null for a phase that is not in the plan. */
export function rollbackPolicy(plan: Plan, phaseName: string): string | null {
  const phase = plan.phases.find(({ name }) => name === phaseName);
  if (phase === undefined) return null;
  const { rollbackOwner, limit } = plan.target.policy;
  const owner = rollbackOwner === undefined ? [] : [`owner ${rollbackOwner}`];
  return [`on failure: ${phase.onFailure}`, ...owner, `limit ${span(limit)}`].join(' · ');
}
