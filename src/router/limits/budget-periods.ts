// The periods of budgets in UTC: how each is called now, and how long it lasts yet.

export interface Periods {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** `YYYY-MM` */
  readonly month: string;
}

export function periodsAt(wallMs: number): Periods {
  const day = new Date(wallMs).toISOString().slice(0, 10);
  return { day, month: day.slice(0, 7) };
}

/** Milliseconds; null for a lifetime, which has no end. */
export function endsInMs(bucket: 'day' | 'month' | 'lifetime', wallMs: number): number | null {
  if (bucket === 'lifetime') return null;
  const now = new Date(wallMs);
  const end =
    bucket === 'day'
      ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1)
      : Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  return end - wallMs;
}
