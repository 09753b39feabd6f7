// Commands about a target of the config: one place that opens the shell and finds target and profile.
import { type LoadedTarget, loadTarget, userConfigPath } from '../app/load-target.js';
import type { Shell } from '../app/shell.js';
import { BaseCommand } from './base-command.js';
import { homeDirectory, openShell } from './wiring.js';

export abstract class TargetCommand extends BaseCommand {
  protected async open(flags: {
    readonly config?: string | undefined;
    readonly target?: string | undefined;
  }): Promise<LoadedTarget & { readonly shell: Shell }> {
    const shell = await openShell();
    const request = { config: flags.config, target: flags.target, userConfig: userConfigPath(process.env, homeDirectory()) };
    return { shell, ...(await loadTarget(shell.shelf, request)) };
  }
}
