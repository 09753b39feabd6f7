// Whether the router may be sent traffic, and the first reason why not. Asked anew each time: config on disk, version pin,
// provider keys, license file, database.
import type { Gateway } from './gateway.js';
import { providerKey, providerKeySource } from './routing/model-groups.js';

export const notReadyReasons = [
  'draining',
  'version-pin-mismatch',
  'config-invalid',
  'provider-key-missing',
  'license-missing',
  'license-invalid',
  'license-product-mismatch',
  'license-clock-rollback',
  'license-not-yet-valid',
  'license-expired',
  'license-limit-exceeded',
  'license-admin-limit-exceeded',
  'database-unavailable',
  'database-schema-newer',
  'usage-rows-lost',
] as const;

export interface NotReady {
  readonly error: (typeof notReadyReasons)[number];
  readonly detail: string;
}

export async function whyNotReady(gateway: Gateway): Promise<NotReady | null> {
  if (gateway.activity.draining) return { error: 'draining', detail: 'the router is finishing its requests and will stop' };
  return (
    pinMismatch(gateway) ?? configProblem(gateway) ?? missingKey(gateway) ?? licenseProblem(gateway) ?? (await databaseProblem(gateway))
  );
}

function pinMismatch({ environment, release, generation }: Gateway): NotReady | null {
  const name = generation.names.versionPin;
  const pin = environment[name];
  if (pin === undefined || pin === '' || pin === release.version) return null;
  return { error: 'version-pin-mismatch', detail: `${name} asks for ${pin.slice(0, 64)}, this is ${release.version}` };
}

/**
 * A broken file on disk means that the next start fails, and whoever restarts or upgrades must see it. Once a reload has refused
 * that very text its writer was told, and the router goes on with the config before it: ready, with `reload_failed`. A file that
 * is missing or may not be read is nobody's draft, and no reload makes it one.
 */
function configProblem({ configWatch, reloads }: Gateway): NotReady | null {
  const problem = configWatch.problem();
  if (problem === null) return null;
  const writerWasTold = !problem.unread && reloads.failure?.stamp === configWatch.stamp();
  return writerWasTold ? null : { error: 'config-invalid', detail: problem.detail };
}

/** The first finding of a reload that was refused, until one succeeds. */
export function reloadFailed({ reloads }: Gateway): string | null {
  return reloads.failure?.findings[0] ?? null;
}

function missingKey({ generation, environment }: Gateway): NotReady | null {
  for (const [name, provider] of Object.entries(generation.config.providers)) {
    const source = providerKeySource(provider);
    if (source !== null && providerKey(provider, environment) === null)
      return { error: 'provider-key-missing', detail: `provider ${name} needs ${source}` };
  }
  return null;
}

function licenseProblem({ license }: Gateway): NotReady | null {
  const problem = license.problem();
  return problem === null ? null : { error: problem.code as NotReady['error'], detail: problem.message };
}

async function databaseProblem({ books }: Gateway): Promise<NotReady | null> {
  const problem = await books.problem();
  return problem === null ? null : { error: problem.code, detail: problem.detail };
}
