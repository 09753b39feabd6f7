// Which router a smoke asks: the URL on the command line, the target of a config, or the one that the environment names.
import { type LoadedTarget, loadTarget, userConfigPath } from '../app/load-target.js';
import { loadProfile } from '../app/playbook-shelf.js';
import { profileFor, recogniseProduct } from '../app/recognise-product.js';
import type { Shell } from '../app/shell.js';
import { urlTarget } from '../app/url-target.js';
import { RouterctlError } from '../core/errors.js';
import type { Target } from '../core/target.js';
import { homeDirectory } from './wiring.js';

export interface SmokeTargetFlags {
  readonly config?: string | undefined;
  readonly target?: string | undefined;
  readonly key?: string | undefined;
  readonly profile?: string | undefined;
  readonly model?: readonly string[] | undefined;
}

export async function smokeTarget(
  shell: Shell,
  url: string | undefined,
  flags: SmokeTargetFlags,
): Promise<Omit<LoadedTarget, 'configPath'>> {
  if (url !== undefined) return fromUrl(shell, url, flags);
  const named = flags.config !== undefined || flags.target !== undefined;
  const fromEnvironment = process.env['ROUTER_BASE_URL'] ?? '';
  try {
    const userConfig = userConfigPath(process.env, homeDirectory());
    const loaded = await loadTarget(shell.shelf, { config: flags.config, target: flags.target, userConfig });
    await refuseUnreadableCaller(shell, loaded.target);
    return loaded;
  } catch (error) {
    if (named || !(error instanceof RouterctlError) || error.code !== 'CONFIG_MISSING') throw error;
    if (fromEnvironment !== '') return fromUrl(shell, fromEnvironment, flags);
    throw new RouterctlError('CONFIG_MISSING', 'no router to ask: no URL, no routerctl.yaml, no ROUTER_BASE_URL', {
      cause: error,
      hint: 'routerctl smoke http://localhost:4000, with the token in ROUTERCTL_KEY',
    });
  }
}

/** A token that may not be used is a refusal, as it is behind a URL: the router was not even asked. */
async function refuseUnreadableCaller(shell: Shell, { components }: Target): Promise<void> {
  const { secrets } = shell.ports(shell.stateDirectory);
  for (const { credentials } of Object.values(components)) {
    const caller = credentials['caller'];
    if (caller !== undefined) await secrets.read(caller);
  }
}

async function fromUrl(shell: Shell, url: string, flags: SmokeTargetFlags): Promise<Omit<LoadedTarget, 'configPath'>> {
  const key = flags.key ?? keyInEnvironment();
  const request = { url, key, models: flags.model ?? [], root: shell.stateDirectory };
  const guess = urlTarget({ ...request, profile: 'openai-compatible' });
  if (key !== null) await shell.ports(shell.stateDirectory).secrets.read(key);
  const address = guess.components['router']?.url ?? url;
  const name = flags.profile ?? (await profileFor(shell.shelf, await recogniseProduct(address, shell.ports(shell.stateDirectory))));
  return { target: urlTarget({ ...request, profile: name }), profile: await loadProfile(shell.shelf, name) };
}

export function keyInEnvironment(): string | null {
  const name = ['ROUTERCTL_KEY', 'ROUTER_TOKEN'].find((candidate) => (process.env[candidate] ?? '') !== '');
  return name === undefined ? null : `env:${name}`;
}
