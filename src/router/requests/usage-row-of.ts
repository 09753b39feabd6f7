// What a request that ended was like, as the row that is kept of it.
import type { Caller } from '../callers.js';
import type { DialectName } from '../dialects/conversation.js';
import type { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { isoTime } from '../iso-time.js';
import type { ModelGroup, Target } from '../routing/target.js';
import type { UsageRow } from '../usage/usage-row.js';
import type { RecordStamps } from './record-stamps.js';
import { costOf, type TokenMeter } from './token-meter.js';

/** What is known of a request at its end. */
export interface EndedRequest {
  readonly exchange: Exchange;
  readonly dialect: DialectName;
  readonly caller: Caller;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly group: ModelGroup | null;
  readonly target: Target | null;
  readonly meter: TokenMeter | null;
  readonly cache: UsageRow['cache'];
  readonly quotaState: UsageRow['quota_state'];
  readonly keyState: UsageRow['key_state'];
  readonly shapeState: UsageRow['traffic_shape_state'];
  readonly shapeWaitMs: number;
  readonly ttfbMs: number | null;
  readonly attempts: number;
  readonly fallbackUsed: boolean;
  readonly upstreamMs: number | null;
}

/** The request's row, in the order of the table's columns, in which it is packed fastest. */
export function usageRowOf(record: EndedRequest, status: number, failure: GatewayError | null, stamps: RecordStamps): UsageRow {
  const { exchange, caller, group, target, meter } = record;
  const answered = record.attempts > 0 && meter !== null && (failure === null || record.ttfbMs !== null);
  const counts = answered ? meter.counts() : { input: 0, output: 0, total: 0, reasoning: 0, image: 0 };
  const images = answered ? meter.images : 0;
  const prices = target?.prices;
  const cost = prices === undefined ? { input: 0, output: 0, image: 0, total: 0 } : costOf(counts, images, prices);
  const billed = answered ? (meter.reported?.billed ?? null) : null;
  const latencyMs = exchange.elapsedMs();
  const { upstreamMs } = record;
  const downstreamMs = record.ttfbMs === null ? null : Math.max(0, latencyMs - record.ttfbMs);
  return {
    request_id: exchange.requestId,
    ts: isoTime(exchange.arrivedAtMs),
    caller_id: caller.id,
    token_id: caller.tokenId,
    client: clientName(exchange),
    inbound_dialect: record.dialect,
    requested_model: record.requestedModel,
    resolved_group: group?.name ?? '',
    strategy: group?.strategy ?? '',
    target_provider: target?.provider ?? '',
    target_model: target?.model ?? '',
    target_dialect: target?.dialect ?? '',
    stream: record.stream ? 1 : 0,
    status,
    attempts: record.attempts,
    latency_ms: latencyMs,
    ttfb_ms: record.ttfbMs,
    input_tokens: counts.input,
    output_tokens: counts.output,
    total_tokens: counts.total,
    input_price_per_million_usd: prices?.inputPerMillionUsd ?? 0,
    output_price_per_million_usd: prices?.outputPerMillionUsd ?? 0,
    input_cost_usd: cost.input,
    output_cost_usd: cost.output,
    total_cost_usd: cost.total,
    router_version: stamps.router.router_version,
    router_build_date: stamps.router.router_build_date,
    error: failure?.code ?? null,
    caller_user: caller.user,
    caller_project: caller.project,
    caller_environment: caller.environment,
    caller_ip: exchange.request.socket.remoteAddress ?? '',
    cache: record.cache,
    fallback_used: record.fallbackUsed ? 1 : 0,
    upstream_duration_ms: upstreamMs,
    downstream_duration_ms: downstreamMs,
    upstream_output_tokens_per_sec: rate(counts.output, upstreamMs),
    upstream_total_tokens_per_sec: rate(counts.total, upstreamMs),
    downstream_output_tokens_per_sec: rate(counts.output, downstreamMs),
    downstream_total_tokens_per_sec: rate(counts.total, downstreamMs),
    reasoning_tokens: counts.reasoning,
    input_has_image: images > 0 ? 1 : 0,
    input_image_count: images,
    input_image_tokens: counts.image,
    image_input_price_per_million_tokens_usd: prices?.imageTokensPerMillionUsd ?? 0,
    image_input_price_per_image_usd: prices?.perImageUsd ?? 0,
    image_cost_usd: cost.image,
    upstream_reported_input_cost_usd: billed?.inputUsd ?? null,
    upstream_reported_output_cost_usd: billed?.outputUsd ?? null,
    upstream_reported_total_cost_usd: billed?.totalUsd ?? null,
    pricing_source: prices?.source ?? '',
    pricing_updated_at: prices?.updatedAt ?? '',
    ...circumstancesOf(record, stamps),
  };
}

/** How the router, its license, its cache and the caller's limits stood: the last columns. */
function circumstancesOf(record: EndedRequest, { router, license, cache }: RecordStamps) {
  return {
    cache_enabled: cache.cache_enabled,
    cache_items: cache.cache_items,
    cache_bytes: cache.cache_bytes,
    cache_max_bytes: cache.cache_max_bytes,
    cache_occupancy_pct: cache.cache_occupancy_pct,
    quota_state: record.quotaState,
    key_state: record.keyState,
    traffic_shape_state: record.shapeState,
    traffic_shape_wait_ms: record.shapeWaitMs,
    license_status: license.license_status,
    license_reason: license.license_reason,
    license_id: license.license_id,
    license_customer_id: license.license_customer_id,
    license_sku: license.license_sku,
    license_key_id: license.license_key_id,
    license_expiry: license.license_expiry,
    license_grace_active: license.license_grace_active,
    routing_config_fingerprint: router.routing_config_fingerprint,
    model_group_config_fingerprint: record.group?.fingerprint ?? '',
    pricing_catalog_fingerprint: router.pricing_catalog_fingerprint,
  } satisfies Partial<UsageRow>;
}

/** Tokens per second, to a tenth; null without a duration. */
function rate(tokens: number, durationMs: number | null): number | null {
  return durationMs === null || durationMs <= 0 ? null : Math.round((tokens * 10_000) / durationMs) / 10;
}

/** The product that a client names first, with its version; what else it says of itself is not kept. */
function clientName({ request }: Exchange): string {
  const named = request.headers['x-router-client'] ?? request.headers['user-agent'] ?? '';
  return /^[A-Za-z][\w.@-]{0,39}(?:\/[\w.+-]{1,20})?(?= |$)/.exec(String(named))?.[0] ?? '';
}
