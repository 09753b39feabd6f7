// Whether the router may be sent traffic, and the first reason why not. Asked anew each time: config on disk, version pin,
// provider keys, license file, database.
import { readFileSync } from 'node:fs';
import type { Gateway } from './gateway.js';

export const notReadyReasons = [
  'draining',
  'version-pin-mismatch',
  'config-invalid',
  'provider-key-missing',
  'license-missing',
  'license-invalid',
  'database-unavailable',
  'database-schema-newer',
  'usage-rows-lost',
] as const;

export interface NotReady {
  readonly error: (typeof notReadyReasons)[number];
  readonly detail: string;
}

export function whyNotReady(gateway: Gateway): NotReady | null {
  if (gateway.activity.draining) return { error: 'draining', detail: 'the router is finishing its requests and will stop' };
  return pinMismatch(gateway) ?? configProblem(gateway) ?? missingKey(gateway) ?? licenseProblem(gateway) ?? databaseProblem(gateway);
}

/** `reference-router` is pinned by REFERENCE_ROUTER_VERSION. */
export function versionPinName(product: string): string {
  return `${product.toUpperCase().replaceAll('-', '_')}_VERSION`;
}

function pinMismatch({ environment, release, config }: Gateway): NotReady | null {
  const name = versionPinName(config.product);
  const pin = environment[name];
  if (pin === undefined || pin === '' || pin === release.version) return null;
  return { error: 'version-pin-mismatch', detail: `${name} asks for ${pin.slice(0, 64)}, this is ${release.version}` };
}

function configProblem({ configWatch }: Gateway): NotReady | null {
  const problem = configWatch.problem();
  return problem === null ? null : { error: 'config-invalid', detail: problem };
}

function missingKey({ config, environment }: Gateway): NotReady | null {
  for (const [name, { api_key_env: variable }] of Object.entries(config.providers))
    if (variable !== undefined && (environment[variable] ?? '') === '')
      return { error: 'provider-key-missing', detail: `provider ${name} needs ${variable} in the environment` };
  return null;
}

function licenseProblem({ config }: Gateway): NotReady | null {
  if (config.license === undefined) return null;
  let text: string;
  try {
    text = readFileSync(config.license.file, 'utf8');
  } catch {
    return { error: 'license-missing', detail: 'the license file cannot be read' };
  }
  try {
    const license: unknown = JSON.parse(text);
    if (typeof license === 'object' && license !== null && 'payload' in license) return null;
  } catch {
    // Answered below, like a JSON text without a payload.
  }
  return { error: 'license-invalid', detail: 'the license file is not a license' };
}

function databaseProblem({ usage }: Gateway): NotReady | null {
  const problem = usage.problem();
  return problem === null ? null : { error: problem.code, detail: problem.detail };
}
