// The two ways out of trouble that a decision can order.
import type { Plan } from '../core/plan.js';
import type { Action, RollbackCode } from './action.js';
import { isolationOf } from './judgement.js';

export function back(why: string, code: RollbackCode, phase: string | null = null): Action {
  return { do: 'order-rollback', why, code, phase };
}

/** A plan without an isolation that fits the target can only go back. */
export function isolate(plan: Plan, why: string, code: RollbackCode): Action {
  return isolationOf(plan) === undefined ? back(why, code) : { do: 'order-isolation', why };
}
