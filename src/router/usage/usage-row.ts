// One answered chat request as a row of `request_usage`; the member names are the published column names.

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
] as const satisfies readonly (keyof UsageRow)[];
