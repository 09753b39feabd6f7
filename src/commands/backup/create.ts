// `routerctl backup create`: the playbook `backup` on a target, as a run with a journal, a proof and a report.

import { madeBackups } from '../../app/made-backups.js';
import { makePlan } from '../../app/make-plan.js';
import type { CommandResult } from '../../cli/base-command.js';
import { changeFlags, overridesOf } from '../../cli/change-flags.js';
import { ChangingCommand } from '../../cli/changing-command.js';
import { outputFiles, outputFlag, writeOutputs } from '../../cli/output-files.js';
import type { Json } from '../../core/json.js';

export default class BackupCreate extends ChangingCommand {
  static override summary = 'Save a target and prove the backup by restoring it.';
  static override description =
    `Saves config, provider environment, license and databases, encrypted for the recipients of the config, and restores all of it into scratch before it counts as a backup. The router goes on serving. Needs no maintenance window and no approval.

EXIT STATUS
  0  saved, and proven by restoring
  2  wrong usage, or the target has no backup in its config
  3  a check or the proof failed; there is no new backup
  5  a person is needed; the message says what to type
  6  refused: a run is under way, a missing secret, no room
  7  could not be measured
  8  saved and proven, but the report could not be signed`;
  static override examples = ['<%= config.bin %> backup create -y', '<%= config.bin %> backup create -t gateway -y --json'];
  static override flags = { yes: changeFlags.yes, change: changeFlags.change, output: outputFlag };

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(BackupCreate);
    const { shell, target, profile } = await this.open(flags);
    const outputs = await outputFiles(shell, flags.output);
    const plan = await makePlan(shell, { playbook: 'backup', target, profile, inputs: {}, window: null });
    const overrides = overridesOf([], undefined);
    const request = { plan, approval: null, changeRef: flags.change ?? null, overrides, acknowledged: [], yes: flags.yes };
    const ended = await this.change(shell, request, flags);
    await writeOutputs(shell, outputs, ended.json);
    const backups = madeBackups(shell, ended.json);
    const text = backups.map(({ id, directory }) => ` backup    ${id}   ${directory}`);
    return {
      ...ended,
      text: [...ended.text, ...text],
      json: { ...(ended.json as Record<string, Json>), backups: backups as unknown as Json },
    };
  }
}
