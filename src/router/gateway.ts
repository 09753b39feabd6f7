// Everything that the routes share. What a config decides hangs on the current generation; what must outlive a reload stands beside it.
import { AdminAccess } from './access/admin-access.js';
import { ResponseCache } from './cache/response-cache.js';
import { ConfigWatch, type LoadedConfig } from './config/config-file.js';
import { Defects } from './defects.js';
import { createGeneration, type Generation } from './generation.js';
import type { LicenseGate } from './license/license-gate.js';
import { openLicenseGate } from './license/open-license-gate.js';
import { type Clock, systemClock } from './limits/clock.js';
import { Limiter } from './limits/limiter.js';
import { MemoryLimitStore } from './limits/memory-limit-store.js';
import type { Log } from './log.js';
import { MetricRegistry } from './metrics/metric-registry.js';
import { RequestMetrics } from './metrics/request-metrics.js';
import { productNames } from './product-names.js';
import type { Release } from './release.js';
import { noReloads, type ReloadHistory } from './reload-history.js';
import { ReportThread } from './reports/report-thread.js';
import { TargetSpeed } from './routing/target-speed.js';
import { UpstreamClient } from './upstream/upstream-client.js';
import type { UsageBooks } from './usage/usage-books.js';

export interface Gateway {
  /** The config in force; a request takes it once, when it begins. */
  generation: Generation;
  readonly configPath: string;
  readonly configWatch: ConfigWatch;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly release: Release;
  readonly log: Log;
  readonly upstreams: UpstreamClient;
  readonly speed: TargetSpeed;
  readonly books: UsageBooks;
  readonly limits: Limiter;
  readonly license: LicenseGate;
  readonly cache: ResponseCache;
  readonly metrics: RequestMetrics;
  readonly metricRegistry: MetricRegistry;
  readonly admin: AdminAccess;
  readonly reports: ReportThread;
  readonly defects: Defects;
  readonly reloads: ReloadHistory;
  readonly activity: { draining: boolean; inFlight: number };
}

export interface GatewayParts {
  readonly loaded: LoadedConfig;
  readonly configPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly release: Release;
  readonly log: Log;
  readonly books: UsageBooks;
  /** What limits go by. */
  readonly clock?: Clock;
}

export async function createGateway({
  loaded,
  configPath,
  environment,
  release,
  log,
  books,
  clock = systemClock,
}: GatewayParts): Promise<Gateway> {
  const { config, digest } = loaded;
  const { enabled, max_bytes: maxBytes, ttl_ms: ttlMs } = config.cache;
  const limitStore = MemoryLimitStore.open(books, clock);
  const metricRegistry = new MetricRegistry(productNames(config).metricPrefix);
  let gateway: Gateway | null = null;
  const inForce = () => gateway?.generation.config ?? config;
  gateway = {
    generation: await createGeneration({ number: 1, config, digest, environment, release }),
    configPath,
    configWatch: new ConfigWatch(configPath),
    environment,
    release,
    log,
    upstreams: new UpstreamClient(config.upstream),
    speed: new TargetSpeed(),
    books,
    limits: new Limiter(await limitStore, clock),
    license: openLicenseGate({ release, config: inForce, log, nowMs: () => clock.wallMs() }),
    cache: new ResponseCache({ enabled, maxBytes, ttlMs }),
    metrics: new RequestMetrics(metricRegistry),
    metricRegistry,
    admin: new AdminAccess(),
    reports: new ReportThread(config.database.path, log),
    defects: new Defects(release.defects),
    reloads: noReloads(),
    activity: { draining: false, inFlight: 0 },
  };
  return gateway;
}
