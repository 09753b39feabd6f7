// Every metric that the router tells, without the prefix: one list, so that the page about them can be compared with the code.
// Labels only take values from the config or from lists of ours, which is what bounds the number of series.

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, in the metric's unit. */
  readonly buckets?: readonly number[];
}

const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export const metricList = {
  requests_total: {
    type: 'counter',
    help: 'Requests of known callers for a model answer, by how they ended',
    labels: ['caller_id', 'model_group', 'dialect', 'status'],
  },
  errors_total: { type: 'counter', help: 'Refusals and failures by error code, also of unknown callers', labels: ['code'] },
  request_duration_seconds: {
    type: 'histogram',
    help: 'From the arrival of a request to the last byte of its answer',
    labels: ['model_group', 'stream'],
    buckets: requestSeconds,
  },
  first_token_seconds: {
    type: 'histogram',
    help: 'From the arrival of a request to the first byte of its answer',
    labels: ['model_group', 'stream'],
    buckets: requestSeconds,
  },
  input_tokens_total: { type: 'counter', help: 'Input tokens used', labels: ['caller_id', 'model_group'] },
  output_tokens_total: { type: 'counter', help: 'Output tokens used', labels: ['caller_id', 'model_group'] },
  cost_usd_total: { type: 'counter', help: 'Cost in US dollars at the prices of the config', labels: ['caller_id', 'model_group'] },
  upstream_reported_cost_usd_total: {
    type: 'counter',
    help: 'Cost in US dollars as providers report it',
    labels: ['target_provider', 'target_model'],
  },
  upstream_attempts_total: {
    type: 'counter',
    help: 'Attempts at targets by outcome: ok, or the class of the failure',
    labels: ['target_provider', 'target_model', 'outcome'],
  },
  fallbacks_total: { type: 'counter', help: 'Times that a target was asked in the place of another', labels: ['model_group'] },
  limit_refusals_total: { type: 'counter', help: 'Requests refused by a limit of their caller', labels: ['caller_id', 'code'] },
  budget_used_ratio: {
    type: 'gauge',
    help: 'Used part of a caller budget; 1 is all of it',
    labels: ['caller_id', 'period', 'unit'],
  },
  breaker_state: { type: 'gauge', help: 'Circuit breaker of a target: 0 closed, 1 half open, 2 open', labels: ['target'] },
  open_requests: { type: 'gauge', help: 'Requests being answered', labels: [] },
  upstream_open_requests: { type: 'gauge', help: 'Requests open at a target', labels: ['target'] },
  cache_hits_total: { type: 'counter', help: 'Answers that came from the response cache', labels: [] },
  cache_misses_total: { type: 'counter', help: 'Answers that were looked for in the response cache and not found', labels: [] },
  cache_bypass_total: { type: 'counter', help: 'Requests that did not ask the response cache', labels: [] },
  cache_entries: { type: 'gauge', help: 'Answers in the response cache', labels: [] },
  cache_bytes: { type: 'gauge', help: 'Size of the response cache', labels: [] },
  cache_max_bytes: { type: 'gauge', help: 'Largest size of the response cache; 0 while it is off', labels: [] },
  usage_write_failures_total: { type: 'counter', help: 'Failed attempts to write usage rows', labels: [] },
  usage_rows_waiting: { type: 'gauge', help: 'Requests whose usage rows wait to be written', labels: [] },
  usage_rows_lost_total: { type: 'counter', help: 'Requests whose usage rows could not be kept', labels: [] },
  build_info: {
    type: 'gauge',
    help: 'What runs; always 1',
    labels: ['version', 'commit', 'build_date', 'node_version', 'os', 'arch'],
  },
  ready: { type: 'gauge', help: 'Whether the router may be sent traffic', labels: [] },
  license_valid: { type: 'gauge', help: 'Whether the license lets requests be served, in grace too; 1 where none is needed', labels: [] },
  license_grace_active: { type: 'gauge', help: 'Whether an expired license still serves', labels: [] },
  license_expiry_timestamp_seconds: { type: 'gauge', help: 'When the license expires; 0 where there is none', labels: [] },
  license_requests_this_month: { type: 'gauge', help: 'Requests that the license counts in this UTC month', labels: [] },
  license_state_write_failures_total: { type: 'counter', help: 'Failed attempts to write the license state', labels: [] },
  config_generation: { type: 'gauge', help: 'Configs that this process has served by', labels: [] },
  config_reloads_total: { type: 'counter', help: 'Reloads of the config by result', labels: ['result'] },
  config_last_reload_successful: { type: 'gauge', help: 'Whether the last reload succeeded; 1 before the first', labels: [] },
  config_last_reload_timestamp_seconds: { type: 'gauge', help: 'When the last reload ended; 0 before the first', labels: [] },
  process_cpu_seconds_total: { type: 'counter', help: 'CPU time of the process, user and system', labels: [] },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory of the process', labels: [] },
  process_heap_bytes: { type: 'gauge', help: 'JavaScript heap in use', labels: [] },
  process_start_time_seconds: { type: 'gauge', help: 'When the process started', labels: [] },
  process_open_fds: { type: 'gauge', help: 'Open file descriptors', labels: [] },
  process_event_loop_utilization_ratio: { type: 'gauge', help: 'Busy part of the event loop since the process started', labels: [] },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof metricList;
