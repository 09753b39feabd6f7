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

/** From when to when a prober was to ask. */
export interface ProbeSpan {
  readonly fromMs: number;
  /** When something was done first; until then a prober may still be starting. Null when nothing was done. */
  readonly actedMs: number | null;
  readonly toMs: number;
}

export interface Availability {
  readonly everyMs: number;
  readonly requests: number;
  readonly failures: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Longest time between two successive successes. */
  readonly longestGapMs: number;
  /**
   * Sum of all outages; an outage still open at the end lasts to the last sample. With holes it is the least that it was, and null
   * when no outage was seen: what nobody measured is not zero.
   */
  readonly downtimeMs: number | null;
  readonly outages: readonly Outage[];
  /** When nobody asked although somebody should have; absent in reports of before they were looked for. */
  readonly holes?: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** When the last prober was told to end; null when that is not known. */
  readonly untilMs?: number | null;
}

/** So many intervals without a question are the work of a busy machine, not of a prober that is gone. */
const intervalsInHole = 10;

/** `startsMs`: when a prober began. Between the last sample of one and the first of the next nobody asked, which is no gap of the router. */
export function availabilityOf(
  samples: readonly ProbeSample[],
  everyMs: number,
  startsMs: readonly number[] = [],
  spans: readonly ProbeSpan[] = [],
): Availability | null {
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
  const holes = spans.flatMap((span) => holesIn(span, ordered, everyMs * intervalsInHole));
  const down = outages.reduce((sum, outage) => sum + outage.toMs - outage.fromMs, 0);
  const downtimeMs = holes.length > 0 && outages.length === 0 ? null : down;
  const untilMs = spans.at(-1)?.toMs ?? null;
  if (open > 0) longestGapMs = Math.max(longestGapMs, last.atMs + last.tookMs - goodMs);
  const [fromMs, toMs] = [first.atMs, last.atMs];
  return { everyMs, requests: ordered.length, failures, fromMs, toMs, longestGapMs, downtimeMs, outages, holes, untilMs };
}

/** `ordered` by time. */
function holesIn(
  { fromMs, actedMs, toMs }: ProbeSpan,
  ordered: readonly ProbeSample[],
  limitMs: number,
): NonNullable<Availability['holes']> {
  const asked = ordered.map(({ atMs }) => atMs).filter((atMs) => atMs >= fromMs && atMs < toMs);
  const beginMs = Math.min(asked[0] ?? toMs, Math.max(fromMs, actedMs ?? toMs));
  const moments = [beginMs, ...asked.filter((atMs) => atMs > beginMs), toMs];
  return moments.flatMap((atMs, index) => {
    const nextMs = moments[index + 1];
    return nextMs !== undefined && nextMs - atMs > limitMs ? [{ fromMs: atMs, toMs: nextMs }] : [];
  });
}
