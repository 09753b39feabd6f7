// The stable hash by which approval, drift and a successor recognise a plan.
import { createHash } from 'node:crypto';
import { type Plan, planHashText } from '../core/plan.js';

/** 64 hexadecimal digits of SHA-256 over the canonical text of the plan. */
export function planHash(plan: Plan): string {
  return createHash('sha256').update(planHashText(plan)).digest('hex');
}
