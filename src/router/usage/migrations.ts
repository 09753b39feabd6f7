// The history of the usage database, forward only. Each step says whether an older router can live with it (`compatible`)
// or whether going back needs the database of before (`restore-required`).

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
];
