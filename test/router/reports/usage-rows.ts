// Rows for the reports: real requests are too slow to make a million of them. Written by the router's own database code, so that
// what is tested is what a router writes.
import type { RequestRows } from '../../../src/router/usage/diagnostic-rows.js';
import { packed } from '../../../src/router/usage/packed-rows.js';
import { UsageDatabase } from '../../../src/router/usage/usage-database.js';
import type { UsageRow } from '../../../src/router/usage/usage-row.js';

let made = 0;

const plain: Omit<UsageRow, 'request_id' | 'ts'> = {
  caller_id: 'alpha-caller',
  token_id: 'tok_alpha-caller',
  client: 'test/1.0',
  inbound_dialect: 'openai-chat',
  requested_model: 'small',
  resolved_group: 'small',
  strategy: 'static',
  target_provider: 'primary',
  target_model: 'echo-1',
  target_dialect: 'openai-chat',
  stream: 0,
  status: 200,
  attempts: 1,
  latency_ms: 120,
  ttfb_ms: 40,
  input_tokens: 100,
  output_tokens: 50,
  total_tokens: 150,
  input_price_per_million_usd: 2,
  output_price_per_million_usd: 8,
  input_cost_usd: 0.0002,
  output_cost_usd: 0.0004,
  total_cost_usd: 0.0006,
  router_version: '1.0.0',
  router_build_date: '2026-01-01T00:00:00Z',
  error: null,
  caller_user: 'alpha@example.test',
  caller_project: 'alpha',
  caller_environment: 'prod',
  caller_ip: '127.0.0.1',
  cache: 'bypass',
  fallback_used: 0,
  upstream_duration_ms: 100,
  downstream_duration_ms: 80,
  upstream_output_tokens_per_sec: 500,
  upstream_total_tokens_per_sec: 1500,
  downstream_output_tokens_per_sec: 625,
  downstream_total_tokens_per_sec: 1875,
  reasoning_tokens: 0,
  input_has_image: 0,
  input_image_count: 0,
  input_image_tokens: 0,
  image_input_price_per_million_tokens_usd: 0,
  image_input_price_per_image_usd: 0,
  image_cost_usd: 0,
  upstream_reported_input_cost_usd: null,
  upstream_reported_output_cost_usd: null,
  upstream_reported_total_cost_usd: null,
  pricing_source: '',
  pricing_updated_at: '',
  cache_enabled: 0,
  cache_items: 0,
  cache_bytes: 0,
  cache_max_bytes: 0,
  cache_occupancy_pct: 0,
  quota_state: 'ok',
  key_state: 'active',
  traffic_shape_state: 'none',
  traffic_shape_wait_ms: 0,
  license_status: '',
  license_reason: '',
  license_id: '',
  license_customer_id: '',
  license_sku: '',
  license_key_id: '',
  license_expiry: '',
  license_grace_active: 0,
  routing_config_fingerprint: '',
  model_group_config_fingerprint: '',
  pricing_catalog_fingerprint: '',
};

export function usageRow(more: Partial<UsageRow> = {}): UsageRow {
  made += 1;
  return { ...plain, request_id: `req_${made.toString(16).padStart(32, '0')}`, ts: new Date().toISOString(), ...more };
}

export function withoutDiagnostics(usage: UsageRow): RequestRows {
  return { usage, attempts: [], trace: [], error: null, fallbacks: [] };
}

export function writeRows(databasePath: string, rows: readonly RequestRows[]): void {
  const database = UsageDatabase.open(databasePath, '1.0.0');
  try {
    for (let at = 0; at < rows.length; at += 500) database.insert(rows.slice(at, at + 500).map(packed));
  } finally {
    database.close();
  }
}

/** The same numbers for the same seed. */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * sides);
  };
}

/** A busy month of a small company: rows in the order of time, up to `toMs`. */
export function* busyRows(count: number, fromMs: number, toMs: number, seed = 7): Generator<UsageRow> {
  const roll = dice(seed);
  for (let at = 0; at < count; at += 1) {
    const caller = roll(24);
    const large = roll(3) === 0;
    const failed = roll(40) === 0;
    const input = 20 + roll(3000);
    const output = failed ? 0 : roll(900);
    const latency = Math.round(40 * 2 ** (roll(800) / 100));
    const input_cost_usd = Math.round(input * (large ? 3000 : 500)) / 1e9;
    const output_cost_usd = Math.round(output * (large ? 15_000 : 1500)) / 1e9;
    yield usageRow({
      ts: new Date(Math.round(fromMs + ((toMs - fromMs) * at) / count)).toISOString(),
      caller_id: `caller-${caller}`,
      token_id: `tok_${caller}`,
      caller_user: `user-${caller}@example.test`,
      caller_project: caller % 3 === 0 ? 'alpha' : 'beta',
      caller_environment: caller % 2 === 0 ? 'prod' : 'test',
      resolved_group: large ? 'large' : 'small',
      target_provider: large && roll(4) === 0 ? 'secondary' : 'primary',
      target_model: large ? 'echo-2' : 'echo-1',
      status: failed ? 502 : 200,
      error: failed ? 'upstream-failed' : null,
      attempts: failed ? 2 : 1,
      fallback_used: failed ? 1 : 0,
      stream: roll(2) === 0 ? 1 : 0,
      cache: (['bypass', 'miss', 'hit'] as const)[roll(3)] ?? 'bypass',
      input_tokens: input,
      output_tokens: output,
      total_tokens: input + output,
      input_cost_usd,
      output_cost_usd,
      total_cost_usd: Math.round((input_cost_usd + output_cost_usd) * 1e9) / 1e9,
      latency_ms: latency,
      ttfb_ms: failed ? null : Math.round(latency / 4),
    });
  }
}
