// `routerctl lab down`: stops a practice deployment; its files stay.
import { Flags } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand } from '../../cli/lab-command.js';

export default class LabDown extends LabCommand {
  static override summary = 'stop a practice deployment';
  static override description =
    `Stops the router and its upstream, each only if it provably is the process that was started. Files stay. Stopping twice is fine.

EXIT STATUS
  0  nothing of it runs any more
  2  the directory holds no practice deployment
  6  another user started it: it was not stopped, or it cannot be told whether it runs`;
  static override examples = ['<%= config.bin %> <%= command.id %> --home lab'];
  static override flags = { home: Flags.string({ required: true, description: 'directory given to lab up' }) };

  protected override async practise(): Promise<CommandResult> {
    const { flags } = await this.parse(LabDown);
    const [{ readLabRecord }, { labDown }] = await Promise.all([
      import('../../router/lab/lab-record.js'),
      import('../../router/lab/lab-down.js'),
    ]);
    readLabRecord(flags.home);
    const { router, upstream } = await labDown({ home: flags.home });
    const say = (name: string, stopped: boolean): string => `${name}: ${stopped ? 'stopped' : 'was not running'}`;
    return { exitCode: 0, text: [say('router', router), say('upstream', upstream)], json: { router, upstream } };
  }
}
