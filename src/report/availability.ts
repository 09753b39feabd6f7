// What the independent prober saw, as figures: pure, from its samples. An outage lasts from the last success before a failure
// to the first success after it, so that it is never understated by the probe's own rhythm.

export interface ProbeSample {
  /** Epoch milliseconds at which the request was sent. */
  readonly atMs: number;
  readonly ok: boolean;
  /** Milliseconds until the answer or the failure. */
  readonly tookMs: number;
}

export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly failures: number;
}

export interface Availability {
  readonly everyMs: number;
  readonly requests: number;
  readonly failures: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Longest time between two successive successes. */
  readonly longestGapMs: number;
  /** Sum of all outages; an outage still open at the end lasts to the last sample. */
  readonly downtimeMs: number;
  readonly outages: readonly Outage[];
}

/** `startsMs`: when a prober began. Between the last sample of one and the first of the next nobody asked, which is no gap of the router. */
export function availabilityOf(samples: readonly ProbeSample[], everyMs: number, startsMs: readonly number[] = []): Availability | null {
  const ordered = samples.toSorted((a, b) => a.atMs - b.atMs);
  const first = ordered[0];
  const last = ordered.at(-1);
  if (first === undefined || last === undefined) return null;
  const outages: Outage[] = [];
  let goodMs = first.atMs;
  let longestGapMs = 0;
  let failures = 0;
  let open = 0;
  let before = first;
  for (const sample of ordered) {
    if (startsMs.some((startMs) => before.atMs < startMs && startMs <= sample.atMs)) {
      if (open > 0) outages.push({ fromMs: goodMs, toMs: before.atMs + before.tookMs, failures: open });
      goodMs = sample.atMs;
      open = 0;
    }
    before = sample;
    if (!sample.ok) {
      failures += 1;
      open += 1;
      continue;
    }
    const answeredMs = sample.atMs + sample.tookMs;
    if (open > 0) outages.push({ fromMs: goodMs, toMs: answeredMs, failures: open });
    longestGapMs = Math.max(longestGapMs, answeredMs - goodMs);
    goodMs = answeredMs;
    open = 0;
  }
  if (open > 0) outages.push({ fromMs: goodMs, toMs: last.atMs + last.tookMs, failures: open });
  const downtimeMs = outages.reduce((sum, outage) => sum + outage.toMs - outage.fromMs, 0);
  if (open > 0) longestGapMs = Math.max(longestGapMs, last.atMs + last.tookMs - goodMs);
  return { everyMs, requests: ordered.length, failures, fromMs: first.atMs, toMs: last.atMs, longestGapMs, downtimeMs, outages };
}
