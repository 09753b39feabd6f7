// `routerctl lab up`: a complete practice deployment below one directory, started.
import { Flags } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand, stopSignal } from '../../cli/lab-command.js';
import { RouterctlError } from '../../core/errors.js';

export default class LabUp extends LabCommand {
  static override summary = 'build and start a practice deployment below one directory, or start it again';
  static override description =
    `Makes a package, installs it, writes config, secrets, keys and routerctl.yaml, and starts a scripted upstream and the
router on free loopback ports. A deployment that is there and does not run is started again as it was left. An administrator
may read the reports; the output names their address, and the file with the password.

EXIT STATUS
  0  the router is ready
  2  the directory is taken or cannot be written, its deployment runs already, or nothing is built yet
  7  the router or its upstream did not start; the message names the log
  130  told to stop while it started; it was stopped again`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --home lab',
    '<%= config.bin %> <%= command.id %> --home lab --version 1.0.0 --json',
  ];
  static override flags = {
    home: Flags.string({ required: true, description: 'new or empty directory, or one with a deployment' }),
    version: Flags.string({ description: 'version to install (default: 1.0.0)' }),
  };

  protected override async practise(): Promise<CommandResult> {
    const { flags } = await this.parse(LabUp);
    const [{ labUp }, { labDown }] = await Promise.all([import('../../router/lab/lab-up.js'), import('../../router/lab/lab-down.js')]);
    // Half a deployment has no record by which it could be stopped: it is finished first, then stopped.
    const stop = stopSignal();
    const record = await labUp({ home: flags.home, ...(flags.version === undefined ? {} : { version: flags.version }) });
    if (stop.aborted) {
      await labDown({ home: flags.home });
      throw new RouterctlError('INTERRUPTED', 'told to stop while the practice deployment started; it was stopped again');
    }
    const { paths } = record;
    const text = [
      `reference-router ${record.version} is ready on ${record.url}`,
      `  upstream      ${record.upstreamUrl}`,
      `  target        ${paths.targetConfig}`,
      `  caller token  ${paths.callerToken}`,
      `  reports       ${record.reportsUrl}`,
      `  sign in       ${record.administrator}, password in ${paths.adminPassword}`,
      `  models        ${record.models.join(', ')}`,
      `  log           ${paths.routerLog}`,
      `stop it with: routerctl lab down --home ${paths.home}`,
    ];
    return { exitCode: 0, text, json: { ...record, models: [...record.models], paths: { ...paths } } };
  }
}
