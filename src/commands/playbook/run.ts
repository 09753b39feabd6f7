// `routerctl playbook run`: whatever a playbook says. One that only asks needs no lock, and no config when it asks about files alone.
import { Args, Flags } from '@oclif/core';
import { changeWindow } from '../../app/change-window.js';
import { makePlan } from '../../app/make-plan.js';
import { planWithoutConfig } from '../../app/plan-without-config.js';
import type { CommandResult } from '../../cli/base-command.js';
import { changeFlags, impactsOf, overridesOf } from '../../cli/change-flags.js';
import { ChangingCommand } from '../../cli/changing-command.js';
import { givenPairs } from '../../cli/given-pairs.js';
import { observePlan } from '../../cli/observe-plan.js';
import { outputFiles, outputFlag, writeOutputs } from '../../cli/output-files.js';
import { playbookTarget } from '../../cli/playbook-target.js';
import { runShell } from '../../cli/run-shell.js';

export default class PlaybookRun extends ChangingCommand {
  static override summary = 'Run a playbook: a shipped one by its name, or your own file.';
  static override description =
    `A playbook that only asks runs here and now: it takes no lock, and writes nothing beside the deployment. Without a config it asks about files and packages on this machine. One that changes something runs like an upgrade: plan, question, run of its own, rollback, report.

EXIT STATUS
  0  every required check passed, every change is done
  2  wrong usage, invalid playbook, input or config
  3  a required check failed; nothing was changed
  4  the change failed and was rolled back; the old state was verified
  5  a person is needed; the message says what to type
  6  refused: lease, window, approval, missing secret or undo, no room
  7  could not be measured; nothing was changed
  8  done, but the report could not be signed
  9  kept although something required did not pass`;
  static override examples = [
    '<%= config.bin %> playbook run ./package-only.yaml --input package=reference-router-1.1.0-linux-amd64.tar.gz',
    '<%= config.bin %> playbook run smoke -t gateway -o junit=smoke.xml',
    '<%= config.bin %> playbook run ./ours.yaml -t gateway --input to=1.1.0 -y',
  ];
  static override args = { playbook: Args.string({ description: 'name of a shipped playbook, or path of a file', required: true }) };
  static override flags = {
    input: Flags.string({
      char: 'i',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      description: 'input of the playbook',
    }),
    profile: Flags.string({ description: 'profile when there is no config', default: 'reference-router' }),
    output: outputFlag,
    ...changeFlags,
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(PlaybookRun);
    const shell = await runShell();
    const outputs = await outputFiles(shell, flags.output);
    const { target, profile, missing } = await playbookTarget(shell, flags);
    const window = flags.window === undefined ? null : changeWindow(flags.window, shell.clock.nowMs());
    const request = { playbook: args.playbook, target, profile, inputs: givenPairs('--input', flags.input, 'to=package.tar.gz'), window };
    const plan = await (missing === null ? makePlan(shell, request) : planWithoutConfig(shell, request, missing));
    if (!plan.changing) return observePlan(shell, { plan, outputs, changeRef: flags.change ?? null }, flags);
    const overrides = overridesOf(flags.override ?? [], undefined);
    const acknowledged = impactsOf(flags.acknowledge);
    const requested = { plan, approval: null, changeRef: flags.change ?? null, overrides, acknowledged, yes: flags.yes };
    const ended = await this.change(shell, requested, flags);
    await writeOutputs(shell, outputs, ended.json);
    return ended;
  }
}
