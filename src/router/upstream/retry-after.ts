// The Retry-After header, which says seconds or a date. Source: RFC 9110, section 10.2.3.

/** A target that asks for more is tried again all the same: a day's wait may be a slip, and a quota may have been raised. */
export const longestRetryAfterMs = 3_600_000;

/** Milliseconds from now, from 0 to an hour; null when there is no header or it says neither. */
export function retryAfterMs(value: string | undefined, nowMs: number = Date.now()): number | null {
  const said = value?.trim() ?? '';
  const waitMs = /^\d+$/.test(said) ? Number(said) * 1000 : /^[A-Z][a-z]{2}, /.test(said) ? Date.parse(said) - nowMs : Number.NaN;
  return Number.isNaN(waitMs) ? null : Math.min(longestRetryAfterMs, Math.max(0, waitMs));
}

/** Whole seconds for the header: never 0, which would mean at once. */
export function retryAfterHeader(waitMs: number): string {
  return String(Math.max(1, Math.ceil(waitMs / 1000)));
}
