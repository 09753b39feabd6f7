// `routerctl upgrade`: the main job. Reads the plan's steps in `app/make-plan.ts`, runs them in `engine/run.ts`.
import { Args, Flags } from '@oclif/core';
import { changeWindow } from '../app/change-window.js';
import type { CommandResult } from '../cli/base-command.js';
import { changeFlags, impactsOf, overridesOf } from '../cli/change-flags.js';
import { ChangingCommand } from '../cli/changing-command.js';
import { outputFiles, outputFlag, writeOutputs } from '../cli/output-files.js';
import { upgradeInputs } from '../cli/upgrade-inputs.js';

export default class Upgrade extends ChangingCommand {
  static override summary = 'Upgrade a target: preflight, proven backup, change, validation, automatic rollback, signed report.';
  static override description = `The run is executed by a process of its own: closing the terminal detaches, "routerctl run attach" returns.

EXIT STATUS
  0  upgraded and every required check passed
  2  wrong usage, invalid playbook or config
  3  a required check failed before anything was changed
  4  the change failed and was rolled back; the old state was verified
  5  a person is needed; the message says what to type
  6  refused: lease, window, approval, drift, missing secret or undo, no room
  7  could not be measured; nothing was changed
  8  upgraded, but the report could not be signed
  9  kept although something required did not pass`;
  static override examples = [
    '<%= config.bin %> upgrade --to images/reference-router-1.1.0-linux-amd64.tar.gz',
    '<%= config.bin %> upgrade tonight.plan --change CHG0042 --window 02:00-03:00',
  ];
  static override args = { plan: Args.string({ description: 'a plan file made by "routerctl plan upgrade --out"' }) };
  static override flags = {
    ...changeFlags,
    to: Flags.string({ description: 'package of the new version', exclusive: ['plan'] }),
    playbook: Flags.string({ description: 'playbook to run instead of the shipped one for the deployment of the target' }),
    'new-config': Flags.string({ description: 'reviewed config for the new version' }),
    'config-sha256': Flags.string({ description: 'sha256 of that config as it was reviewed' }),
    notes: Flags.string({ description: 'release note to read instead of the one in the package' }),
    output: outputFlag,
    'despite-bad': Flags.string({ description: 'upgrade to a version that was rolled back here, with the reason' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Upgrade);
    const { shell, target, profile } = await this.open(flags);
    const outputs = await outputFiles(shell, flags.output);
    const window = flags.window === undefined ? null : changeWindow(flags.window, shell.clock.nowMs());
    const { playbook, inputs } = await upgradeInputs(shell, args.plan ?? null, flags, target);
    const { plan, approval } = await this.planFor(shell, { playbook, target, profile, inputs, window }, args.plan ?? null);
    const overrides = overridesOf(flags.override ?? [], flags['despite-bad']);
    const acknowledged = impactsOf(flags.acknowledge);
    const request = { plan, approval, changeRef: flags.change ?? null, overrides, acknowledged, yes: flags.yes };
    const ended = await this.change(shell, request, flags);
    await writeOutputs(shell, outputs, ended.json);
    return ended;
  }
}
