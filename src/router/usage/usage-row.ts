// One request as a row of `request_usage`; the member names are the published column names, in the table's order.

export interface UsageRow {
  request_id: string;
  /** RFC 3339 in UTC, the moment the request arrived. */
  ts: string;
  caller_id: string;
  token_id: string;
  client: string;
  inbound_dialect: string;
  requested_model: string;
  resolved_group: string;
  strategy: string;
  target_provider: string;
  target_model: string;
  target_dialect: string;
  stream: 0 | 1;
  status: number;
  attempts: number;
  latency_ms: number;
  ttfb_ms: number | null;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  input_price_per_million_usd: number;
  output_price_per_million_usd: number;
  input_cost_usd: number;
  output_cost_usd: number;
  total_cost_usd: number;
  router_version: string;
  router_build_date: string;
  error: string | null;
  caller_user: string;
  caller_project: string;
  caller_environment: string;
  caller_ip: string;
  cache: 'hit' | 'miss' | 'bypass';
  fallback_used: 0 | 1;
  /** From the first attempt's start to the end of the answer that was used; null when no upstream was asked. */
  upstream_duration_ms: number | null;
  /** From the first byte sent to the caller to the last. */
  downstream_duration_ms: number | null;
  upstream_output_tokens_per_sec: number | null;
  upstream_total_tokens_per_sec: number | null;
  downstream_output_tokens_per_sec: number | null;
  downstream_total_tokens_per_sec: number | null;
  /** Part of `output_tokens`. */
  reasoning_tokens: number;
  input_has_image: 0 | 1;
  input_image_count: number;
  /** Estimated part of `input_tokens`. */
  input_image_tokens: number;
  image_input_price_per_million_tokens_usd: number;
  image_input_price_per_image_usd: number;
  image_cost_usd: number;
  /** What the provider says it bills; null when it does not say. */
  upstream_reported_input_cost_usd: number | null;
  upstream_reported_output_cost_usd: number | null;
  upstream_reported_total_cost_usd: number | null;
  pricing_source: string;
  pricing_updated_at: string;
  cache_enabled: 0 | 1;
  cache_items: number;
  cache_bytes: number;
  cache_max_bytes: number;
  cache_occupancy_pct: number;
  quota_state: 'ok' | 'soft' | 'reject';
  key_state: 'active' | 'soft' | 'exhausted';
  traffic_shape_state: 'none' | 'queued' | 'rejected';
  traffic_shape_wait_ms: number;
  license_status: string;
  license_reason: string;
  license_id: string;
  license_customer_id: string;
  license_sku: string;
  license_key_id: string;
  license_expiry: string;
  license_grace_active: 0 | 1;
  routing_config_fingerprint: string;
  model_group_config_fingerprint: string;
  pricing_catalog_fingerprint: string;
}

export const usageColumns = [
  'request_id',
  'ts',
  'caller_id',
  'token_id',
  'client',
  'inbound_dialect',
  'requested_model',
  'resolved_group',
  'strategy',
  'target_provider',
  'target_model',
  'target_dialect',
  'stream',
  'status',
  'attempts',
  'latency_ms',
  'ttfb_ms',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'input_price_per_million_usd',
  'output_price_per_million_usd',
  'input_cost_usd',
  'output_cost_usd',
  'total_cost_usd',
  'router_version',
  'router_build_date',
  'error',
  'caller_user',
  'caller_project',
  'caller_environment',
  'caller_ip',
  'cache',
  'fallback_used',
  'upstream_duration_ms',
  'downstream_duration_ms',
  'upstream_output_tokens_per_sec',
  'upstream_total_tokens_per_sec',
  'downstream_output_tokens_per_sec',
  'downstream_total_tokens_per_sec',
  'reasoning_tokens',
  'input_has_image',
  'input_image_count',
  'input_image_tokens',
  'image_input_price_per_million_tokens_usd',
  'image_input_price_per_image_usd',
  'image_cost_usd',
  'upstream_reported_input_cost_usd',
  'upstream_reported_output_cost_usd',
  'upstream_reported_total_cost_usd',
  'pricing_source',
  'pricing_updated_at',
  'cache_enabled',
  'cache_items',
  'cache_bytes',
  'cache_max_bytes',
  'cache_occupancy_pct',
  'quota_state',
  'key_state',
  'traffic_shape_state',
  'traffic_shape_wait_ms',
  'license_status',
  'license_reason',
  'license_id',
  'license_customer_id',
  'license_sku',
  'license_key_id',
  'license_expiry',
  'license_grace_active',
  'routing_config_fingerprint',
  'model_group_config_fingerprint',
  'pricing_catalog_fingerprint',
] as const satisfies readonly (keyof UsageRow)[];
