// Whom the doctor looks at: the target of the config, or, where there is none, the router that the environment names.
import type { Patient } from '../app/doctor.js';
import { loadTarget, userConfigPath } from '../app/load-target.js';
import { loadProfile } from '../app/playbook-shelf.js';
import { profileFor, recogniseProduct } from '../app/recognise-product.js';
import type { Shell } from '../app/shell.js';
import { urlTarget } from '../app/url-target.js';
import { RouterctlError } from '../core/errors.js';
import { keyInEnvironment } from './smoke-target.js';
import { homeDirectory } from './wiring.js';

/** Throws CONFIG_MISSING, CONFIG_INVALID, URL_REFUSED and the like: without a target there is nothing to look at. */
export async function doctorTarget(
  shell: Shell,
  { config, target }: { readonly config?: string | undefined; readonly target?: string | undefined },
): Promise<Patient> {
  try {
    return await loadTarget(shell.shelf, { config, target, userConfig: userConfigPath(process.env, homeDirectory()) });
  } catch (error) {
    const url = process.env['ROUTER_BASE_URL'] ?? '';
    const isNamed = config !== undefined || target !== undefined;
    if (isNamed || url === '' || !(error instanceof RouterctlError) || error.code !== 'CONFIG_MISSING') throw error;
    const request = { url, key: keyInEnvironment(), models: [], root: shell.stateDirectory };
    const { components } = urlTarget({ ...request, profile: 'openai-compatible' });
    const name = await profileFor(shell.shelf, await recogniseProduct(components['router']?.url ?? url, shell.ports(shell.stateDirectory)));
    return { target: urlTarget({ ...request, profile: name }), profile: await loadProfile(shell.shelf, name), configPath: null };
  }
}
