// The target of `playbook run`: the one of the config, or, where there is no config, this machine's files alone.
import { type LoadedTarget, loadTarget, userConfigPath } from '../app/load-target.js';
import { localTarget } from '../app/local-target.js';
import { loadProfile } from '../app/playbook-shelf.js';
import type { Shell } from '../app/shell.js';
import { RouterctlError } from '../core/errors.js';
import { homeDirectory } from './wiring.js';

export interface PlaybookTargetFlags {
  readonly config?: string | undefined;
  readonly target?: string | undefined;
  readonly profile: string;
}

/** `missing` says why there is no config: a playbook that changes something cannot go on without one. */
export async function playbookTarget(
  shell: Shell,
  flags: PlaybookTargetFlags,
): Promise<Pick<LoadedTarget, 'target' | 'profile'> & { readonly missing: RouterctlError | null }> {
  try {
    const request = { config: flags.config, target: flags.target, userConfig: userConfigPath(process.env, homeDirectory()) };
    return { ...(await loadTarget(shell.shelf, request)), missing: null };
  } catch (error) {
    const nothingNamed = flags.config === undefined && flags.target === undefined;
    if (!nothingNamed || !(error instanceof RouterctlError) || error.code !== 'CONFIG_MISSING') throw error;
    const profile = await loadProfile(shell.shelf, flags.profile);
    return { target: localTarget(flags.profile, shell.stateDirectory), profile, missing: error };
  }
}
