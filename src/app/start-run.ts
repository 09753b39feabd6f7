// Begins a changing run in a process of its own, after every rule that may refuse it has been asked.
import { resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunFolder, RunOrder } from '../core/ports/run-folders.js';
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import type { Target } from '../core/target.js';
import { eventsOf } from './run-events.js';
import { runOrder } from './run-order.js';
import type { Shell } from './shell.js';

export interface StartRequest {
  readonly plan: Plan;
  readonly changeRef: string | null;
  readonly approval: Json;
  readonly overrides: RunOrder['overrides'];
  readonly acknowledged?: RunOrder['acknowledged'];
}

export interface StartedRun {
  readonly folder: RunFolder;
  readonly runner: ProcessIdentity;
  /** The last event of an earlier process; -1 for a new run. */
  readonly afterSeq: number;
}

/** Refusals that need no question: asked before the confirmation, so that nobody says yes in vain. */
export function refuseStart(shell: Shell, { plan, overrides }: Pick<StartRequest, 'plan' | 'overrides'>): void {
  const { target } = plan;
  const overridden = (rule: string): boolean => overrides.some((override) => override.rule === rule);
  const held = shell.leases.look(target.root);
  if (held?.alive === true) {
    const { runId, user, host, pid, takenAt } = held.holder;
    throw new RouterctlError('LEASE_HELD', `run ${runId} holds ${target.name} since ${takenAt} (${user}@${host}, pid ${pid})`, {
      hint: `watch it: routerctl run attach ${shell.folders.nameOf(target.root, runId)}`,
    });
  }
  refuseOverInterrupted(shell, target, null);
  refuseWindow(shell, plan, overridden('window'));
  const version = versionOf(plan);
  const bad = version === null ? null : shell.badVersions.find(target.root, version);
  if (bad !== null && !overridden('bad-version')) {
    throw new RouterctlError('MARKED_BAD', `${bad.version} was rolled back here on ${bad.at.slice(0, 10)} (run ${bad.runId}): ${bad.why}`, {
      hint: 'try another version, or say why this one again: --despite-bad "reason"',
    });
  }
}

/**
 * What a dead run left half-done is finished or taken back first, whoever began it: a new run would take it for the old state, and
 * the rollback of an older run would bury it. `runId` is the run that may go on.
 */
export function refuseOverInterrupted(shell: Shell, target: Pick<Target, 'name' | 'root'>, runId: string | null): void {
  const held = shell.leases.look(target.root);
  if (held === null || held.alive || !held.unfinished || held.holder.runId === runId) return;
  const name = shell.folders.nameOf(target.root, held.holder.runId);
  throw new RouterctlError('LEASE_HELD', `run ${held.holder.runId} of ${target.name} was interrupted and is not finished`, {
    hint: `finish it: routerctl resume ${name}; or take it back: routerctl resume ${name} --roll-back`,
  });
}

function refuseWindow(shell: Shell, plan: Plan, overridden: boolean): void {
  const { window, target } = plan;
  if (overridden || !altersDeployment(plan)) return;
  if (window === null) {
    if (target.policy.window !== 'required') return;
    throw new RouterctlError('OUTSIDE_WINDOW', `the policy of ${target.name} asks for a maintenance window and none is given`, {
      hint: 'give it: --window 02:00-03:00; or say why not: --override "window=reason"',
    });
  }
  const nowMs = shell.clock.nowMs();
  if (nowMs >= Date.parse(window.from) && nowMs < Date.parse(window.to)) return;
  throw new RouterctlError('OUTSIDE_WINDOW', `the maintenance window ${window.from} to ${window.to} is not open`, {
    hint: `start inside it, or say why not: --override "window=reason"`,
  });
}

/** A plan that only saves needs no maintenance window and nobody's approval. */
export function altersDeployment({ phases }: Plan): boolean {
  return phases.some(({ steps }) => steps.some((step) => step.type === 'change' && (step.impact !== 'none' || step.reversal === 'none')));
}

export function versionOf(plan: Plan): string | null {
  const { to } = plan.inputs as Readonly<Record<string, Json>>;
  return to !== null &&
    typeof to === 'object' &&
    !Array.isArray(to) &&
    typeof (to as Readonly<Record<string, Json>>)['version'] === 'string'
    ? String((to as Readonly<Record<string, Json>>)['version'])
    : null;
}

export async function startRun(shell: Shell, request: StartRequest): Promise<StartedRun> {
  refuseStart(shell, request);
  const { plan, changeRef, approval, overrides, acknowledged } = request;
  const limits = { limitMs: plan.target.policy.limit, window: plan.window };
  const order = runOrder(shell, { ...limits, changeRef, approval, overrides, acknowledged });
  const folder = await shell.folders.create(resolve(plan.target.root), plan, order);
  const runner = await shell.processes.startDetached(['run', 'exec', folder.path, '--by', 'runner'], {
    environment: 'own',
    log: folder.logPath,
  });
  return { folder, runner, afterSeq: -1 };
}

/** Goes on with a run that a dead process left, or opens a finished one again to take it back. */
export async function takeUpRun(shell: Shell, folder: RunFolder, by: 'resume' | 'rollback'): Promise<StartedRun> {
  const plan = folder.plan();
  const held = shell.leases.look(plan.target.root);
  if (held?.alive === true) {
    throw new RouterctlError('LEASE_HELD', `pid ${held.holder.pid} drives run ${held.holder.runId} (${held.holder.purpose})`, {
      hint: `watch it: routerctl run attach ${shell.folders.nameOf(plan.target.root, held.holder.runId)}`,
    });
  }
  refuseOverInterrupted(shell, plan.target, folder.runId);
  if (by === 'resume' && folder.result() !== null)
    throw new RouterctlError('RUN_FINISHED', `run ${folder.runId} has ended: ${folder.result()?.why ?? ''}`, {
      hint: `see it: routerctl run show ${folder.runId}; take it back: routerctl rollback ${folder.runId}`,
    });
  const afterSeq = eventsOf(shell, folder).at(-1)?.seq ?? -1;
  const runner = await shell.processes.startDetached(['run', 'exec', folder.path, '--by', by], { environment: 'own', log: folder.logPath });
  return { folder, runner, afterSeq };
}
