// The Retry-After header, which says seconds or a date. Source: RFC 9110, section 10.2.3.

/** Milliseconds from now, never less than 0; null when there is no header or it says neither. */
export function retryAfterMs(value: string | undefined, nowMs: number = Date.now()): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Whole seconds for the header: never 0, which would mean at once. */
export function retryAfterHeader(waitMs: number): string {
  return String(Math.max(1, Math.ceil(waitMs / 1000)));
}
