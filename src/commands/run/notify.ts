// `routerctl run notify`: is anybody told? Asked before a window, with the hook that a run would use.
import { hostname } from 'node:os';
import { tryNotify } from '../../app/try-notify.js';
import type { CommandResult } from '../../cli/base-command.js';
import { TargetCommand } from '../../cli/target-command.js';
import type { Json } from '../../core/json.js';

export default class RunNotify extends TargetCommand {
  static override summary = 'Try the notify hook of a target: send one notification of the event "test".';
  static override description =
    `By the command and the webhook under "notify" in routerctl.yaml, as a run would; no run is needed and nothing is changed.

EXIT STATUS
  0  everything that is configured took it
  2  the target has no notify hook
  3  something did not take it; nothing was changed`;
  static override examples = ['<%= config.bin %> run notify', '<%= config.bin %> run notify -t gateway --json'];

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(RunNotify);
    const { shell, target } = await this.open(flags);
    const told = await tryNotify(shell, target, hostname());
    await shell.close();
    const text = told.map(({ channel, delivered, said }) => ` ${delivered ? '✓' : '✗'} ${channel.padEnd(8)} ${said}`);
    const exitCode = told.every(({ delivered }) => delivered) ? 0 : 3;
    const next =
      exitCode === 0
        ? []
        : [` NEXT       correct notify of ${target.name} in routerctl.yaml, then once more: routerctl run notify -t ${target.name}`];
    return { exitCode, text: [...text, ...next], json: { told: told as unknown as Json, exitCode } };
  }
}
