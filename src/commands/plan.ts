// `routerctl plan`: what an upgrade would do, bound to the state of this moment, with a hash that an approval covers.
import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { changeWindow } from '../app/change-window.js';
import { lastDowntime } from '../app/last-downtime.js';
import { makePlan } from '../app/make-plan.js';
import { writePlan } from '../app/plan-file.js';
import { planHash } from '../app/plan-hash.js';
import type { CommandResult } from '../cli/base-command.js';
import { changeFlags } from '../cli/change-flags.js';
import { planPreview } from '../cli/changing-command.js';
import { TargetCommand } from '../cli/target-command.js';
import { upgradeInputs } from '../cli/upgrade-inputs.js';
import type { Json } from '../core/json.js';

export default class PlanCommand extends TargetCommand {
  static override summary = 'Show what an upgrade would do, and write it down as a plan that can be approved.';
  static override description =
    `Reads only. The same state gives the same hash; an upgrade from the file refuses when the state has changed since.

EXIT STATUS
  0  planned
  2  wrong usage, invalid playbook or config, missing file
  3  the package cannot be planned with`;
  static override examples = [
    '<%= config.bin %> plan upgrade --to images/reference-router-1.1.0-linux-amd64.tar.gz',
    '<%= config.bin %> plan upgrade --to images/reference-router-1.1.0-linux-amd64.tar.gz --out tonight.plan',
  ];
  static override args = { what: Args.string({ description: 'what to plan', options: ['upgrade'], required: true }) };
  static override flags = {
    window: changeFlags.window,
    to: Flags.string({ description: 'package of the new version', required: true }),
    playbook: Flags.string({ description: 'playbook to bind instead of the shipped one for the deployment of the target' }),
    'new-config': Flags.string({ description: 'reviewed config for the new version' }),
    'config-sha256': Flags.string({ description: 'sha256 of that config as it was reviewed' }),
    notes: Flags.string({ description: 'release note to read instead of the one in the package' }),
    out: Flags.string({ description: 'file to write the plan to' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(PlanCommand);
    const { shell, target, profile } = await this.open(flags);
    const window = flags.window === undefined ? null : changeWindow(flags.window, shell.clock.nowMs());
    const plan = await makePlan(shell, { ...(await upgradeInputs(shell, null, flags, target)), target, profile, window });
    const file = flags.out === undefined ? null : resolve(flags.out);
    if (file !== null) await writePlan(shell.ports(target.root).on(target.host).acts.files, file, plan);
    const json = { planHash: planHash(plan), file, plan: plan as unknown as Json };
    return { exitCode: 0, text: planPreview(plan, { file, verbose: flags.verbose, down: await lastDowntime(shell, target) }), json };
  }
}
