// The model groups of one config: what callers may ask for, and which targets stand behind each name.
import { readFileSync } from 'node:fs';
import type { Caller } from '../callers.js';
import type { ModelGroupConfig, ProviderConfig, RouterConfig } from '../config/config.js';
import { fingerprintOf } from '../config/fingerprint.js';
import { GatewayError } from '../gateway-error.js';
import type { ModelGroup, Target } from './target.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export class ModelGroups {
  readonly #groups: ReadonlyMap<string, ModelGroup>;

  constructor(config: RouterConfig, environment: Environment) {
    this.#groups = new Map(Object.entries(config.models).map(([name, group]) => [name, groupOf(name, group, config, environment)]));
  }

  /** The groups that the caller may use, in the order of the config. */
  visibleTo(caller: Caller): readonly ModelGroup[] {
    return [...this.#groups.values()].filter(({ name }) => allows(caller, name));
  }

  has(name: string): boolean {
    return this.#groups.has(name);
  }

  /** All targets, once each. */
  targets(): readonly Target[] {
    const byKey = new Map<string, Target>();
    for (const { targets } of this.#groups.values()) for (const target of targets) byKey.set(target.key, target);
    return [...byKey.values()];
  }

  /** @throws GatewayError `model-not-allowed` or `model-not-found`; which one tells a caller nothing about other callers' groups. */
  resolve(name: string, caller: Caller): ModelGroup {
    if (!allows(caller, name)) throw new GatewayError('model-not-allowed', 'this caller may not use the requested model');
    const group = this.#groups.get(name);
    if (group === undefined) throw new GatewayError('model-not-found', 'no model group has the requested name');
    return group;
  }
}

function allows(caller: Caller, group: string): boolean {
  return caller.allow.has('*') || caller.allow.has(group);
}

function groupOf(name: string, group: ModelGroupConfig, config: RouterConfig, environment: Environment): ModelGroup {
  const targets = group.targets.flatMap(({ provider: providerName, model_ref: ref, weight }) => {
    const provider = config.providers[providerName];
    if (provider === undefined) return [];
    const target = targetOf(providerName, provider, ref, weight, config, environment);
    return target === null ? [] : [target];
  });
  return {
    name,
    displayName: group.display_name ?? name,
    strategy: group.strategy,
    targets,
    omitHostedTools: group.hosted_tools === 'omit',
    cache: group.cache,
    fingerprint: fingerprintOf(group),
  };
}

function targetOf(
  providerName: string,
  provider: ProviderConfig,
  ref: string,
  weight: number,
  config: RouterConfig,
  environment: Environment,
): Target | null {
  const model = provider.models[ref];
  if (model === undefined) return null;
  const base = new URL(provider.base_url);
  return {
    key: `${providerName}/${ref}`,
    provider: providerName,
    dialect: provider.dialect,
    origin: base.origin,
    basePath: base.pathname.replace(/\/+$/, ''),
    host: base.host,
    authScheme: provider.auth_scheme,
    apiKey: () => providerKey(provider, environment),
    headers: provider.headers,
    model: model.model ?? ref,
    weight,
    prices: {
      inputPerMillionUsd: model.input_price_per_million_usd,
      outputPerMillionUsd: model.output_price_per_million_usd,
      imageTokensPerMillionUsd: model.image_input_price_per_million_tokens_usd,
      perImageUsd: model.image_input_price_per_image_usd,
      source: model.pricing_source ?? '',
      updatedAt: model.pricing_updated_at ?? '',
    },
    modalities: new Set(model.input_modalities),
    contextTokens: model.context_tokens,
    maxOutputTokens: model.max_output_tokens,
    honorsMaxTokens: model.honors_max_tokens,
    outputTokenField: model.output_token_field,
    tools: model.tools,
    parallelTools: model.parallel_tools,
    maxConcurrent: model.max_concurrent ?? null,
    attemptTimeoutMs: provider.attempt_timeout_ms ?? config.upstream.first_byte_timeout_ms,
  };
}

/** What a provider's key is read from, for messages; null when it needs none. */
export function providerKeySource(provider: ProviderConfig): string | null {
  const variable = provider.api_key?.slice(2, -1) ?? provider.api_key_env;
  if (variable !== undefined) return `${variable} in the environment`;
  return provider.api_key_file === undefined ? null : 'its api_key_file';
}

/** The provider's key; null when none is configured, or when what should hold it is empty or unreadable. */
export function providerKey(provider: ProviderConfig, environment: Environment): string | null {
  const variable = provider.api_key?.slice(2, -1) ?? provider.api_key_env;
  if (variable !== undefined) return environment[variable] || null;
  if (provider.api_key_file === undefined) return null;
  try {
    return readFileSync(provider.api_key_file, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
