// A plan for this machine's files alone. What it cannot hold is told as what it is: a config is missing.
import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import { makePlan, type PlanRequest } from './make-plan.js';
import { loadPlaybook } from './playbook-shelf.js';
import type { Shell } from './shell.js';

/** Throws what `makePlan` throws, and CONFIG_MISSING where the playbook needs a router or changes something. */
export async function planWithoutConfig(
  shell: Shell,
  request: PlanRequest & { readonly playbook: string },
  missing: RouterctlError,
): Promise<Plan> {
  await loadPlaybook(shell.shelf, request.playbook, await shell.catalogue());
  const plan = await makePlan(shell, request).catch((error: unknown) => {
    if (!(error instanceof RouterctlError) || error.code !== 'PLAYBOOK_INVALID') throw error;
    throw needsConfig(request.playbook, missing, error.details);
  });
  if (plan.changing) throw needsConfig(request.playbook, missing, []);
  return plan;
}

function needsConfig(playbook: string, missing: RouterctlError, details: readonly string[]): RouterctlError {
  const { message, hint } = missing;
  const rest = hint === undefined ? {} : { hint };
  return new RouterctlError('CONFIG_MISSING', `the playbook ${playbook} needs a target: ${message}`, { ...rest, details });
}
