// What the metrics learn from a request: the same rows that its usage is made of, so that both agree, and the refusals that
// leave no row.
import type { GatewayErrorCode } from '../gateway-error.js';
import type { RequestRows } from '../usage/diagnostic-rows.js';
import type { UsageRow } from '../usage/usage-row.js';
import type { CounterSeries, HistogramSeries, MetricRegistry } from './metric-registry.js';

/** Codes by which a caller's own limits refuse. */
const limitCodes: ReadonlySet<string> = new Set<GatewayErrorCode>([
  'rpm-exceeded',
  'tpm-exceeded',
  'concurrency-exceeded',
  'quota-exhausted',
  'key-exhausted',
  'traffic-shaped',
]);

/** The series of one caller, model group and dialect. */
interface RequestSeries {
  readonly statuses: Map<number, CounterSeries>;
  readonly inputTokens: CounterSeries;
  readonly outputTokens: CounterSeries;
  readonly cost: CounterSeries;
  readonly plain: Durations;
  readonly streamed: Durations;
}

interface Durations {
  readonly whole: HistogramSeries;
  readonly firstToken: HistogramSeries;
}

export class RequestMetrics {
  readonly #registry: MetricRegistry;
  readonly #requests = new Map<string, RequestSeries>();
  readonly #counters = new Map<string, CounterSeries>();

  constructor(registry: MetricRegistry) {
    this.#registry = registry;
  }

  /** A request of a known caller, once, when it ended. */
  observe({ usage, attempts, fallbacks }: RequestRows): void {
    const group = usage.requested_model || 'none';
    const series = this.#seriesOf(usage.caller_id, group, usage.inbound_dialect);
    this.#statusOf(series, usage, group).inc();
    if (usage.input_tokens > 0) series.inputTokens.inc(usage.input_tokens);
    if (usage.output_tokens > 0) series.outputTokens.inc(usage.output_tokens);
    if (usage.total_cost_usd > 0) series.cost.inc(usage.total_cost_usd);
    const durations = usage.stream === 1 ? series.streamed : series.plain;
    durations.whole.observe(usage.latency_ms / 1000);
    if (usage.ttfb_ms !== null) durations.firstToken.observe(usage.ttfb_ms / 1000);
    this.#cache(usage.cache).inc();
    for (const { provider, model, error_class: failure } of attempts)
      this.#counter('upstream_attempts_total', provider, model, failure ?? 'ok').inc();
    if (fallbacks.length > 0) this.#counter('fallbacks_total', group).inc(fallbacks.length);
    if (usage.upstream_reported_total_cost_usd !== null)
      this.#counter('upstream_reported_cost_usd_total', usage.target_provider, usage.target_model).inc(
        usage.upstream_reported_total_cost_usd,
      );
    if (usage.error !== null) this.#failed(usage.caller_id, usage.error);
  }

  /** A refusal outside of a known caller's request for an answer. */
  refused(code: GatewayErrorCode): void {
    this.#counter('errors_total', code).inc();
  }

  #failed(caller: string, code: string): void {
    this.#counter('errors_total', code).inc();
    if (limitCodes.has(code)) this.#counter('limit_refusals_total', caller, code).inc();
  }

  #cache(state: UsageRow['cache']): CounterSeries {
    if (state === 'hit') return this.#counter('cache_hits_total');
    return state === 'miss' ? this.#counter('cache_misses_total') : this.#counter('cache_bypass_total');
  }

  #seriesOf(caller: string, group: string, dialect: string): RequestSeries {
    const key = `${caller}\n${group}\n${dialect}`;
    const known = this.#requests.get(key);
    if (known !== undefined) return known;
    const durations = (stream: string): Durations => ({
      whole: this.#registry.histogram('request_duration_seconds', group, stream),
      firstToken: this.#registry.histogram('first_token_seconds', group, stream),
    });
    const series: RequestSeries = {
      statuses: new Map(),
      inputTokens: this.#registry.counter('input_tokens_total', caller, group),
      outputTokens: this.#registry.counter('output_tokens_total', caller, group),
      cost: this.#registry.counter('cost_usd_total', caller, group),
      plain: durations('false'),
      streamed: durations('true'),
    };
    this.#requests.set(key, series);
    return series;
  }

  #statusOf({ statuses }: RequestSeries, usage: UsageRow, group: string): CounterSeries {
    const known = statuses.get(usage.status);
    if (known !== undefined) return known;
    const counter = this.#registry.counter('requests_total', usage.caller_id, group, usage.inbound_dialect, String(usage.status));
    statuses.set(usage.status, counter);
    return counter;
  }

  #counter(name: Parameters<MetricRegistry['counter']>[0], ...labels: readonly string[]): CounterSeries {
    const key = labels.length === 0 ? name : `${name}\n${labels.join('\n')}`;
    const known = this.#counters.get(key);
    if (known !== undefined) return known;
    const counter = this.#registry.counter(name, ...labels);
    this.#counters.set(key, counter);
    return counter;
  }
}
