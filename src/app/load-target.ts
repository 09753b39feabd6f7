// The target that a command is about: found config, named (or only) target, its profile.
import { dirname, join, resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { FileReads } from '../core/ports/files.js';
import type { Profile } from '../core/profile.js';
import type { Target } from '../core/target.js';
import { configCandidates, readConfig } from '../playbook/config.js';
import { loadProfile, type PlaybookShelf } from './playbook-shelf.js';

export interface TargetRequest {
  readonly config: string | undefined;
  readonly target: string | undefined;
  /** The last place looked at, after the working directory and its parents. */
  readonly userConfig: string;
}

export interface LoadedTarget {
  readonly target: Target;
  readonly profile: Profile;
  readonly configPath: string;
}

export async function loadTarget(shelf: PlaybookShelf, request: TargetRequest): Promise<LoadedTarget> {
  const configPath = await findConfig(shelf.files, shelf.workingDirectory, request);
  const targets = readConfig(configPath, await shelf.files.readText(configPath), dirname(configPath));
  const names = [...targets.keys()];
  const name = request.target ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined)
    throw new RouterctlError('TARGET_UNKNOWN', `${configPath} has ${names.length} targets`, {
      hint: `choose one: -t ${names.join(' or -t ')}`,
    });
  const target = targets.get(name);
  if (target === undefined)
    throw new RouterctlError('TARGET_UNKNOWN', `${configPath} has no target ${name}`, { hint: `it has: ${names.join(', ')}` });
  return { target, profile: await loadProfile(shelf, target.profile), configPath };
}

async function findConfig(files: Pick<FileReads, 'stat'>, directory: string, request: TargetRequest): Promise<string> {
  if (request.config !== undefined) {
    const named = resolve(directory, request.config);
    if ((await files.stat(named)) === null)
      throw new RouterctlError('CONFIG_MISSING', `there is no config ${request.config}`, { hint: 'check --config' });
    return named;
  }
  for (const candidate of [...configCandidates(directory), request.userConfig])
    if ((await files.stat(candidate)) !== null) return candidate;
  throw new RouterctlError('CONFIG_MISSING', `no routerctl.yaml here, above, or at ${request.userConfig}`, {
    hint: 'write one: routerctl init; point to one with --config; or try without: routerctl smoke <url>',
  });
}

export function userConfigPath(environment: NodeJS.ProcessEnv, home: string): string {
  return join(environment['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'routerctl', 'routerctl.yaml');
}
