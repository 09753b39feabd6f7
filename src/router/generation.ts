// One loaded config and everything that is built from it. A reload makes a new generation and puts it in the place of the old
// in one step; requests that began with the old one end with it.
import { createPolicy } from './access/casbin-policy.js';
import type { Policy } from './access/policy.js';
import { Callers } from './callers.js';
import type { RouterConfig } from './config/config.js';
import { fingerprintOf } from './config/fingerprint.js';
import { type ProductNames, productNames } from './product-names.js';
import type { Release } from './release.js';
import type { RouterStamp } from './requests/record-stamps.js';
import { type BreakerSettings, Breakers } from './routing/breaker.js';
import { type Environment, ModelGroups } from './routing/model-groups.js';
import { OpenAtTargets } from './routing/open-at-targets.js';
import type { Target } from './routing/target.js';

export interface Generation {
  /** From 1; counts the configs that this process has served by. */
  readonly number: number;
  readonly config: RouterConfig;
  /** SHA-256 of the config file's text, in hex. */
  readonly digest: string;
  readonly loadedAt: Date;
  readonly names: ProductNames;
  readonly callers: Callers;
  readonly groups: ModelGroups;
  readonly policy: Policy;
  readonly breakers: Breakers;
  readonly openAtTargets: OpenAtTargets;
  readonly stamp: RouterStamp;
}

export interface GenerationParts {
  readonly number: number;
  readonly config: RouterConfig;
  readonly digest: string;
  readonly environment: Environment;
  readonly release: Release;
  /** The one before, whose breakers and open requests go on counting. */
  readonly previous?: Generation;
}

export async function createGeneration(parts: GenerationParts): Promise<Generation> {
  const { number, config, digest, environment, release, previous } = parts;
  const { failures, cooldown_ms: cooldownMs } = config.upstream.breaker;
  const settings = { failures, cooldownMs };
  const groups = new ModelGroups(config, environment);
  return {
    number,
    config,
    digest,
    loadedAt: new Date(),
    names: productNames(config),
    callers: new Callers(config.callers),
    groups,
    policy: await createPolicy(config.admin_auth),
    breakers: previous === undefined ? new Breakers(settings) : keptBreakers(previous, groups, settings),
    openAtTargets: previous?.openAtTargets ?? new OpenAtTargets(),
    stamp: {
      router_version: release.version,
      router_build_date: release.buildDate,
      routing_config_fingerprint: fingerprintOf([config.models, config.upstream]),
      pricing_catalog_fingerprint: fingerprintOf(Object.values(config.providers).map(({ models }) => models)),
    },
  };
}

/** What is known of a target stays known, unless the new config sends its requests elsewhere. */
function keptBreakers({ breakers, groups: before }: Generation, after: ModelGroups, settings: BreakerSettings): Breakers {
  const placeOf = ({ origin, basePath, model }: Target): string => `${origin}${basePath} ${model}`;
  const kept = new Map(after.targets().map((target) => [target.key, placeOf(target)]));
  for (const target of before.targets()) if (kept.get(target.key) !== placeOf(target)) breakers.forget(target.key);
  breakers.configure(settings);
  return breakers;
}
