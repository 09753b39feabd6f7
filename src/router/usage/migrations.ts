// The history of the usage database, forward only. Each step says whether an older router can live with it (`compatible`)
// or whether going back needs the database of before (`restore-required`).

import { measures } from './measures.js';

export type MigrationKind = 'compatible' | 'restore-required';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly kind: MigrationKind;
  readonly sql: string;
}

export const schemaVersionTable = `
  CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('compatible', 'restore-required')),
    applied_at TEXT NOT NULL,
    router_version TEXT NOT NULL
  ) STRICT`;

export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'request usage',
    kind: 'compatible',
    sql: `
      CREATE TABLE request_usage (
        request_id TEXT PRIMARY KEY,
        ts TEXT NOT NULL,
        caller_id TEXT NOT NULL,
        token_id TEXT NOT NULL,
        client TEXT NOT NULL,
        inbound_dialect TEXT NOT NULL,
        requested_model TEXT NOT NULL,
        resolved_group TEXT NOT NULL,
        strategy TEXT NOT NULL,
        target_provider TEXT NOT NULL,
        target_model TEXT NOT NULL,
        target_dialect TEXT NOT NULL,
        stream INTEGER NOT NULL,
        status INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        latency_ms INTEGER NOT NULL,
        ttfb_ms INTEGER,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        total_tokens INTEGER NOT NULL,
        input_price_per_million_usd REAL NOT NULL,
        output_price_per_million_usd REAL NOT NULL,
        input_cost_usd REAL NOT NULL,
        output_cost_usd REAL NOT NULL,
        total_cost_usd REAL NOT NULL,
        router_version TEXT NOT NULL,
        router_build_date TEXT NOT NULL,
        error TEXT
      ) STRICT;
      CREATE INDEX request_usage_ts ON request_usage (ts);`,
  },
  {
    version: 2,
    name: 'diagnostics, cost parts and budgets',
    kind: 'compatible',
    sql: `
      ${addedColumns(`
        caller_user TEXT NOT NULL DEFAULT ''
        caller_project TEXT NOT NULL DEFAULT ''
        caller_environment TEXT NOT NULL DEFAULT ''
        caller_ip TEXT NOT NULL DEFAULT ''
        cache TEXT NOT NULL DEFAULT 'bypass'
        fallback_used INTEGER NOT NULL DEFAULT 0
        upstream_duration_ms INTEGER
        downstream_duration_ms INTEGER
        upstream_output_tokens_per_sec REAL
        upstream_total_tokens_per_sec REAL
        downstream_output_tokens_per_sec REAL
        downstream_total_tokens_per_sec REAL
        reasoning_tokens INTEGER NOT NULL DEFAULT 0
        input_has_image INTEGER NOT NULL DEFAULT 0
        input_image_count INTEGER NOT NULL DEFAULT 0
        input_image_tokens INTEGER NOT NULL DEFAULT 0
        image_input_price_per_million_tokens_usd REAL NOT NULL DEFAULT 0
        image_input_price_per_image_usd REAL NOT NULL DEFAULT 0
        image_cost_usd REAL NOT NULL DEFAULT 0
        upstream_reported_input_cost_usd REAL
        upstream_reported_output_cost_usd REAL
        upstream_reported_total_cost_usd REAL
        pricing_source TEXT NOT NULL DEFAULT ''
        pricing_updated_at TEXT NOT NULL DEFAULT ''
        cache_enabled INTEGER NOT NULL DEFAULT 0
        cache_items INTEGER NOT NULL DEFAULT 0
        cache_bytes INTEGER NOT NULL DEFAULT 0
        cache_max_bytes INTEGER NOT NULL DEFAULT 0
        cache_occupancy_pct REAL NOT NULL DEFAULT 0
        quota_state TEXT NOT NULL DEFAULT 'ok'
        key_state TEXT NOT NULL DEFAULT 'active'
        traffic_shape_state TEXT NOT NULL DEFAULT 'none'
        traffic_shape_wait_ms INTEGER NOT NULL DEFAULT 0
        license_status TEXT NOT NULL DEFAULT ''
        license_reason TEXT NOT NULL DEFAULT ''
        license_id TEXT NOT NULL DEFAULT ''
        license_customer_id TEXT NOT NULL DEFAULT ''
        license_sku TEXT NOT NULL DEFAULT ''
        license_key_id TEXT NOT NULL DEFAULT ''
        license_expiry TEXT NOT NULL DEFAULT ''
        license_grace_active INTEGER NOT NULL DEFAULT 0
        routing_config_fingerprint TEXT NOT NULL DEFAULT ''
        model_group_config_fingerprint TEXT NOT NULL DEFAULT ''
        pricing_catalog_fingerprint TEXT NOT NULL DEFAULT ''`)}
      CREATE TABLE request_attempts (
        request_id TEXT NOT NULL,
        attempt_index INTEGER NOT NULL,
        ts TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        dialect TEXT NOT NULL,
        endpoint_host TEXT NOT NULL,
        duration_ms INTEGER NOT NULL,
        status_code INTEGER,
        error_class TEXT,
        error_message TEXT,
        retryable INTEGER NOT NULL,
        timed_out INTEGER NOT NULL,
        client_canceled INTEGER NOT NULL,
        selected INTEGER NOT NULL,
        fallback_reason TEXT,
        request_bytes INTEGER NOT NULL,
        response_bytes INTEGER NOT NULL,
        attempt_timeout_ms INTEGER NOT NULL,
        retry_after_ms INTEGER,
        PRIMARY KEY (request_id, attempt_index)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE request_trace_events (
        request_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        ts TEXT NOT NULL,
        event TEXT NOT NULL,
        message TEXT NOT NULL,
        provider TEXT,
        model TEXT,
        dialect TEXT,
        duration_ms INTEGER,
        status_code INTEGER,
        error_class TEXT,
        retryable INTEGER,
        attempt INTEGER,
        PRIMARY KEY (request_id, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE request_errors (
        request_id TEXT PRIMARY KEY,
        ts TEXT NOT NULL,
        status INTEGER NOT NULL,
        error_type TEXT NOT NULL,
        error_class TEXT,
        error_message TEXT NOT NULL,
        retryable INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        provider TEXT,
        model TEXT,
        dialect TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE request_fallback_transitions (
        request_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        ts TEXT NOT NULL,
        from_provider TEXT NOT NULL,
        from_model TEXT NOT NULL,
        to_provider TEXT NOT NULL,
        to_model TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (request_id, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE caller_totals (
        caller_id TEXT NOT NULL,
        period TEXT NOT NULL,
        requests INTEGER NOT NULL,
        tokens INTEGER NOT NULL,
        cost_usd REAL NOT NULL,
        PRIMARY KEY (caller_id, period)
      ) STRICT, WITHOUT ROWID;`,
  },
  {
    version: 3,
    name: 'rollup for reports',
    kind: 'compatible',
    sql: `
      CREATE TABLE usage_rollup (
        span_ms INTEGER NOT NULL,
        dimension TEXT NOT NULL,
        slot INTEGER NOT NULL,
        domain TEXT NOT NULL,
        value TEXT NOT NULL,
        ${measures.map((name) => `${name} INTEGER NOT NULL`).join(', ')},
        PRIMARY KEY (span_ms, dimension, slot, domain, value)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE usage_rollup_histogram (
        span_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        slot INTEGER NOT NULL,
        domain TEXT NOT NULL,
        step INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (span_ms, kind, slot, domain, step)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE usage_rollup_state (covered_rowid INTEGER NOT NULL) STRICT;
      INSERT INTO usage_rollup_state (covered_rowid) VALUES (0);`,
  },
];

/** One `ALTER TABLE` for each line. */
function addedColumns(lines: string): string {
  return lines
    .trim()
    .split('\n')
    .map((line) => `ALTER TABLE request_usage ADD COLUMN ${line.trim()};`)
    .join('\n');
}
