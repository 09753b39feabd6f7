// One scrape of a running router's metrics: beside what requests left behind, what the router's parts are like at this moment.
import { readdirSync } from 'node:fs';
import type { Gateway } from '../gateway.js';
import type { Standing } from '../limits/limit-store.js';
import { whyNotReady } from '../readiness.js';
import type { BreakerState } from '../routing/breaker.js';
import type { MetricRegistry } from './metric-registry.js';

const breakerNumbers: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** Fills in what is known only now, and returns all metrics as text. */
export async function scrape(gateway: Gateway): Promise<string> {
  const { metricRegistry: registry } = gateway;
  await tellUsage(registry, gateway);
  tellTargets(registry, gateway);
  tellLicense(registry, gateway);
  tellConfig(registry, gateway);
  tellProcess(registry);
  await tellBudgets(registry, gateway);
  return registry.text();
}

async function tellUsage(registry: MetricRegistry, gateway: Gateway): Promise<void> {
  const { waiting, lost, writeFailures } = gateway.books.state;
  registry.setCounter('usage_write_failures_total', writeFailures);
  registry.setCounter('usage_rows_lost_total', lost);
  registry.setOne('usage_rows_waiting', waiting);
  const { cache_items: items, cache_bytes: bytes, cache_max_bytes: maxBytes } = gateway.cache.stamp();
  registry.setOne('cache_entries', items);
  registry.setOne('cache_bytes', bytes);
  registry.setOne('cache_max_bytes', maxBytes);
  registry.setOne('open_requests', gateway.activity.inFlight);
  registry.setOne('ready', (await whyNotReady(gateway)) === null ? 1 : 0);
}

function tellTargets(registry: MetricRegistry, { generation }: Gateway): void {
  const { breakers, groups, openAtTargets } = generation;
  const keys = groups.targets().map(({ key }) => key);
  registry.setGauge(
    'breaker_state',
    keys.map((key) => [breakerNumbers[breakers.state(key)], key]),
  );
  registry.setGauge(
    'upstream_open_requests',
    keys.map((key) => [openAtTargets.all.get(key) ?? 0, key]),
  );
}

function tellLicense(registry: MetricRegistry, gateway: Gateway): void {
  const { status, license } = gateway.license.status();
  registry.setOne('license_valid', status === 'refused' ? 0 : 1);
  registry.setOne('license_grace_active', status === 'grace' ? 1 : 0);
  registry.setOne('license_expiry_timestamp_seconds', license === null ? 0 : Date.parse(license.expires_at) / 1000);
  registry.setOne('license_requests_this_month', license?.used.requests_this_month ?? 0);
  registry.setCounter('license_state_write_failures_total', license?.state_write_failures ?? 0);
}

function tellConfig(registry: MetricRegistry, { generation, release, reloads }: Gateway): void {
  const { version, commit, buildDate } = release;
  registry.setGauge('build_info', [[1, version, commit, buildDate, process.versions.node, process.platform, process.arch]]);
  registry.setOne('config_generation', generation.number);
  registry.setCounter('config_reloads_total', reloads.succeeded, 'reloaded');
  registry.setCounter('config_reloads_total', reloads.refused, 'refused');
  registry.setOne('config_last_reload_successful', reloads.failure === null ? 1 : 0);
  registry.setOne('config_last_reload_timestamp_seconds', (reloads.lastAt?.getTime() ?? 0) / 1000);
}

function tellProcess(registry: MetricRegistry): void {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  registry.setCounter('process_cpu_seconds_total', (user + system) / 1e6);
  registry.setOne('process_resident_memory_bytes', rss);
  registry.setOne('process_heap_bytes', heapUsed);
  registry.setOne('process_start_time_seconds', Math.round((Date.now() - process.uptime() * 1000) / 1000));
  registry.setOne('process_open_fds', openFiles());
  registry.setOne('process_event_loop_utilization_ratio', performance.eventLoopUtilization().utilization);
}

async function tellBudgets(registry: MetricRegistry, { generation, limits }: Gateway): Promise<void> {
  const series: [number, string, string, string][] = [];
  const budgeted = generation.callers.all.filter(({ budget }) => (budget.day ?? budget.month ?? budget.lifetime) !== undefined);
  const standings = await Promise.all(budgeted.map(async (caller) => ({ caller, standing: await limits.standing(caller) })));
  for (const { caller, standing } of standings)
    for (const [value, period, unit] of usedRatios(caller.budget, standing)) series.push([value, caller.id, period, unit]);
  registry.setGauge('budget_used_ratio', series);
}

type Budget = Gateway['generation']['callers']['all'][number]['budget'];

function usedRatios(budget: Budget, standing: Standing): [number, string, string][] {
  return (['day', 'month', 'lifetime'] as const).flatMap((period) => {
    const limit = budget[period];
    const used = standing[period];
    const ratio = (part: number, whole: number | undefined, unit: string): [number, string, string][] =>
      whole === undefined ? [] : [[whole === 0 ? 1 : part / whole, period, unit]];
    return [
      ...ratio(used.requests, limit?.requests, 'requests'),
      ...ratio(used.tokens, limit?.tokens, 'tokens'),
      ...ratio(used.costUsd, limit?.cost_usd, 'cost_usd'),
    ];
  });
}

/** 0 where the system does not tell. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
