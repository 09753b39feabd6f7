// The metrics of one router in a registry of their own; the only file that knows the metrics package. A series is looked up once
// and kept as a handle, since looking it up costs more than counting.
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import { type MetricName, type MetricSpec, metricList } from './metric-list.js';

export interface CounterSeries {
  inc(by?: number): void;
}

/** Adds up in a number, since the package's own way costs ten times as much; the package hears of it when it is asked. */
class Tally implements CounterSeries {
  readonly #into: CounterSeries;
  #pending = 0;

  constructor(into: CounterSeries) {
    this.#into = into;
  }

  inc(by = 1): void {
    this.#pending += by;
  }

  hand(): void {
    if (this.#pending > 0) this.#into.inc(this.#pending);
    this.#pending = 0;
  }
}

export interface HistogramSeries {
  observe(value: number): void;
}

type Name<Type extends MetricSpec['type']> = {
  [Each in MetricName]: (typeof metricList)[Each]['type'] extends Type ? Each : never;
}[MetricName];

export class MetricRegistry {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #tallies: Tally[] = [];
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(prefix: string) {
    for (const [name, { type, help, labels, buckets }] of Object.entries<MetricSpec>(metricList)) {
      const common = { name: `${prefix}_${name}`, help, labelNames: [...labels], registers: [this.#registry] };
      if (type === 'counter') this.#counters.set(name, new Counter(common));
      else if (type === 'gauge') this.#gauges.set(name, new Gauge(common));
      else this.#histograms.set(name, new Histogram({ ...common, buckets: [...(buckets ?? [])] }));
    }
  }

  /** Label values in the order of the list; asked once for each series, and kept. */
  counter(name: Name<'counter'>, ...labels: readonly string[]): CounterSeries {
    const counter = known(this.#counters, name);
    const tally = new Tally(labels.length === 0 ? counter : counter.labels(...labels));
    this.#tallies.push(tally);
    return tally;
  }

  histogram(name: Name<'histogram'>, ...labels: readonly string[]): HistogramSeries {
    return known(this.#histograms, name).labels(...labels);
  }

  /** Sets a counter that is kept elsewhere to what it is there. */
  setCounter(name: Name<'counter'>, value: number, ...labels: readonly string[]): void {
    const counter = known(this.#counters, name);
    const names: readonly string[] = metricList[name].labels;
    const series = Object.fromEntries(names.map((label, index) => [label, labels[index] ?? '']));
    if (names.length === 0) counter.reset();
    else counter.remove(series);
    counter.inc(series, value);
  }

  /** The series of a gauge as they are now; earlier ones are forgotten. */
  setGauge(name: Name<'gauge'>, series: Iterable<readonly [value: number, ...labels: string[]]>): void {
    const gauge = known(this.#gauges, name);
    gauge.reset();
    for (const [value, ...labels] of series) gauge.labels(...labels).set(value);
  }

  setOne(name: Name<'gauge'>, value: number): void {
    this.setGauge(name, [[value]]);
  }

  /** The text format of Prometheus 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): Promise<string> {
    for (const tally of this.#tallies) tally.hand();
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

function known<Metric>(metrics: ReadonlyMap<string, Metric>, name: string): Metric {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`no metric is named ${name}`);
  return metric;
}
