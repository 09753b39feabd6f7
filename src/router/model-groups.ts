// Which provider model answers for a requested model group, and which groups a caller may see. First floor: strategy `static`, the first target.
import type { Caller } from './callers.js';
import type { RouterConfig } from './config.js';
import { GatewayError } from './gateway-error.js';

export interface Target {
  readonly group: string;
  readonly strategy: string;
  readonly provider: string;
  readonly dialect: string;
  readonly baseUrl: string;
  readonly apiKeyEnv: string | null;
  readonly model: string;
  readonly inputPricePerMillionUsd: number;
  readonly outputPricePerMillionUsd: number;
}

export class ModelGroups {
  readonly #targets: ReadonlyMap<string, Target>;

  constructor(config: RouterConfig) {
    const targets = new Map<string, Target>();
    for (const [group, { strategy, targets: list }] of Object.entries(config.models)) {
      const first = list[0];
      const provider = first && config.providers[first.provider];
      const model = first && provider?.models[first.model_ref];
      if (first === undefined || provider === undefined || model === undefined) continue;
      targets.set(group, {
        group,
        strategy,
        provider: first.provider,
        dialect: provider.dialect,
        baseUrl: provider.base_url.replace(/\/+$/, ''),
        apiKeyEnv: provider.api_key_env ?? null,
        model: model.model ?? first.model_ref,
        inputPricePerMillionUsd: model.input_price_per_million_usd,
        outputPricePerMillionUsd: model.output_price_per_million_usd,
      });
    }
    this.#targets = targets;
  }

  /** The groups that the caller may use, in the order of the config. */
  visibleTo(caller: Caller): readonly string[] {
    return [...this.#targets.keys()].filter((group) => allows(caller, group));
  }

  has(group: string): boolean {
    return this.#targets.has(group);
  }

  resolve(group: string, caller: Caller): Target {
    if (!allows(caller, group)) throw new GatewayError('model-not-allowed', 'this caller may not use the requested model');
    const target = this.#targets.get(group);
    if (target === undefined) throw new GatewayError('model-not-found', 'no model group has the requested name');
    return target;
  }
}

function allows(caller: Caller, group: string): boolean {
  return caller.allow.has('*') || caller.allow.has(group);
}
