// Everything that the routes share: config, identities, model groups, upstream client, usage ledger and the drain state.
import { Callers } from './callers.js';
import type { RouterConfig } from './config.js';
import { ConfigWatch } from './config-file.js';
import { Defects } from './defects.js';
import type { Log } from './log.js';
import { ModelGroups } from './model-groups.js';
import type { Release } from './release.js';
import { UpstreamClient } from './upstream-client.js';
import { UsageLedger } from './usage/usage-ledger.js';

export interface Gateway {
  readonly config: RouterConfig;
  readonly configWatch: ConfigWatch;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly release: Release;
  readonly log: Log;
  readonly callers: Callers;
  readonly groups: ModelGroups;
  readonly upstreams: UpstreamClient;
  readonly usage: UsageLedger;
  readonly defects: Defects;
  readonly activity: { draining: boolean; inFlight: number };
}

export interface GatewayParts {
  readonly config: RouterConfig;
  readonly configPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly release: Release;
  readonly log: Log;
}

export function createGateway({ config, configPath, environment, release, log }: GatewayParts): Gateway {
  return {
    config,
    configWatch: new ConfigWatch(configPath),
    environment,
    release,
    log,
    callers: new Callers(config.callers),
    groups: new ModelGroups(config),
    upstreams: new UpstreamClient(config.upstream),
    usage: new UsageLedger(config.database.path, release.version, log),
    defects: new Defects(release.defects),
    activity: { draining: false, inFlight: 0 },
  };
}
