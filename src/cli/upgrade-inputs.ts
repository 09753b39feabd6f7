// The inputs of an upgrade, from flags or from the plan file that already holds them.
import { readPlan } from '../app/plan-file.js';
import type { Shell } from '../app/shell.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Target } from '../core/target.js';

export interface UpgradeFlags {
  readonly to?: string | undefined;
  readonly playbook?: string | undefined;
  readonly 'new-config'?: string | undefined;
  readonly 'config-sha256'?: string | undefined;
  readonly notes?: string | undefined;
}

export async function upgradeInputs(
  shell: Shell,
  planFile: string | null,
  flags: UpgradeFlags,
  target: Target,
): Promise<{ readonly playbook: string; readonly inputs: Readonly<Record<string, string>> }> {
  if (planFile !== null) {
    const plan = await readPlan(shell.signing.files, planFile);
    return { playbook: plan.playbook.name, inputs: asGiven(plan.inputs) };
  }
  if (flags.to === undefined)
    throw new RouterctlError('USAGE', 'nothing to upgrade to', { hint: 'give a package: --to PATH; or a plan: routerctl upgrade FILE' });
  const inputs: Record<string, string> = { to: flags.to };
  if (flags['new-config'] !== undefined) inputs['config'] = flags['new-config'];
  if (flags['config-sha256'] !== undefined) inputs['config_sha256'] = flags['config-sha256'];
  if (flags.notes !== undefined) inputs['notes'] = flags.notes;
  return { playbook: flags.playbook ?? shippedPlaybook(target), inputs };
}

/** The shipped playbook for what the target consists of. */
function shippedPlaybook({ components }: Target): string {
  const kinds = Object.values(components).map(({ deployment }) => deployment?.kind);
  if (kinds.includes('compose')) return 'compose-upgrade';
  return kinds.includes('systemd') ? 'binary-upgrade' : 'process-upgrade';
}

/** Resolved inputs as they were given: an artifact by its path, absent ones left out. */
function asGiven(inputs: Readonly<Record<string, Json>>): Readonly<Record<string, string>> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (value === null) continue;
    const path = typeof value === 'object' && 'path' in value ? value['path'] : value;
    given[name] = String(path);
  }
  return given;
}
