// Puts a new config in the place of the old one in one step, or leaves everything as it is: read, checked, judged against what
// cannot change while the router runs and against the license, built, swapped. Reloads run one after another.

import type { ConfigFinding, RouterConfig } from './config/config.js';
import { ConfigError, type LoadedConfig, loadConfig } from './config/config-file.js';
import { configWarnings } from './config/config-warnings.js';
import type { Gateway } from './gateway.js';
import { GatewayError } from './gateway-error.js';
import { createGeneration, type Generation } from './generation.js';

/** The answer to a reload that succeeded; digests are SHA-256 of the file's text in hex. */
export interface Reloaded {
  readonly status: 'reloaded';
  readonly config_digest: string;
  readonly previous_digest: string;
  readonly generation: number;
  /** RFC 3339 in UTC. */
  readonly loaded_at: string;
}

const turns = new WeakMap<Gateway, Promise<unknown>>();

/** @throws GatewayError `config-invalid` with `details.findings`; the old config stays in force. */
export function reload(gateway: Gateway): Promise<Reloaded> {
  const before = turns.get(gateway) ?? Promise.resolve();
  const turn = before.catch(() => undefined).then(() => reloadOnce(gateway));
  turns.set(gateway, turn);
  return turn;
}

async function reloadOnce(gateway: Gateway): Promise<Reloaded> {
  const { configPath, configWatch, environment, log, reloads } = gateway;
  const stamp = configWatch.stamp();
  try {
    const previous = gateway.generation;
    const loaded = loadAllowed(gateway);
    const next = await generationFrom(gateway, loaded);
    putInPlace(gateway, next);
    configWatch.isValid(stamp);
    Object.assign(reloads, { succeeded: reloads.succeeded + 1, failure: null });
    log.info({ config_digest: next.digest, generation: next.number }, 'config reloaded');
    for (const warning of configWarnings(configPath, loaded, environment)) log.warn({ warning }, 'config');
    return {
      status: 'reloaded',
      config_digest: next.digest,
      previous_digest: previous.digest,
      generation: next.number,
      loaded_at: next.loadedAt.toISOString(),
    };
  } catch (error) {
    const findings = error instanceof ConfigError ? error.findings : ['the config could not be put in force; see the log of the router'];
    Object.assign(reloads, { refused: reloads.refused + 1, failure: { findings, stamp } });
    if (error instanceof ConfigError) log.warn({ findings: findings.length, first: findings[0] }, 'config refused');
    else log.error({ error: error instanceof Error ? error.name : typeof error }, 'config refused');
    const message = `the config was refused, the one before stays in force; correct it and reload again: ${findings[0]}`;
    throw new GatewayError('config-invalid', message, { details: { findings }, cause: error });
  } finally {
    reloads.lastAt = new Date();
  }
}

/** @throws ConfigError */
function loadAllowed({ generation: previous, configPath, license }: Gateway): LoadedConfig {
  const loaded = loadConfig(configPath);
  const findings = [...fixedSettings(previous.config, loaded.config), ...license.refusalsOf(loaded.config)];
  if (findings.length > 0)
    throw new ConfigError(
      configPath,
      findings.map((finding) => loaded.report(finding)),
    );
  return loaded;
}

function generationFrom({ generation: previous, environment, release }: Gateway, { config, digest }: LoadedConfig): Promise<Generation> {
  return createGeneration({ number: previous.number + 1, config, digest, environment, release, previous });
}

function putInPlace(gateway: Gateway, next: Generation): void {
  const { enabled, max_bytes: maxBytes, ttl_ms: ttlMs } = next.config.cache;
  gateway.cache.configure({ enabled, maxBytes, ttlMs });
  gateway.upstreams.configure(next.config.upstream);
  gateway.generation = next;
}

/** What was bound, opened or printed under its old value; a restart is honest, a half change is not. */
const fixed: readonly (readonly [path: readonly string[], of: (config: RouterConfig) => unknown])[] = [
  [['product'], ({ product }) => product],
  [['names'], ({ names }) => names],
  [['listen'], ({ listen }) => listen],
  [['database'], ({ database }) => database],
  [['license'], ({ license }) => license ?? null],
  [['limits', 'request_timeout_ms'], ({ limits }) => limits.request_timeout_ms],
];

function fixedSettings(before: RouterConfig, after: RouterConfig): ConfigFinding[] {
  return fixed
    .filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(after)))
    .map(([path]) => ({ path, message: 'cannot change while the router runs; put the old value back, or restart the router' }));
}
