// The stretch of time that a report is about: `since=24h` up to now, or `from` and `to` in RFC 3339.
import type { RouterConfig } from '../config/config.js';
import { GatewayError } from '../gateway-error.js';

export interface ReportPeriod {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Up to now, so that what comes in while it is read may be counted too. */
  readonly open: boolean;
  /** As it was asked for, for links: `24h`; null with `from` and `to`. */
  readonly since: string | null;
}

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @throws GatewayError `invalid-report-filter`, which names the parameter */
export function readPeriod(query: URLSearchParams, settings: RouterConfig['admin_reports'], nowMs = Date.now()): ReportPeriod {
  const [from, to, since] = [query.get('from'), query.get('to'), query.get('since')];
  if (since !== null && (from !== null || to !== null)) throw invalidFilter('since', 'cannot stand beside from and to');
  const period = from === null && to === null ? sinceThen(since ?? settings.default_since, nowMs) : between(from, to, nowMs);
  const limitMs = settings.max_range_days * unitsMs.d;
  // Today's `since=31d` begins a moment before `max_range_days` ago; a minute more is no range of its own.
  if (period.toMs - period.fromMs > limitMs + unitsMs.m)
    throw invalidFilter(since === null ? 'from' : 'since', `reaches further than ${settings.max_range_days} days; ask for less at a time`);
  return period;
}

/** The first moment that belongs to it and the first that does not, as `ts` has them. */
export function rangeOf({ fromMs, toMs, open }: ReportPeriod): readonly [from: string, to: string] {
  return [new Date(fromMs).toISOString(), open ? '9999-12-31T23:59:59.999Z' : new Date(toMs).toISOString()];
}

/** @param parameter the name in the query; its value is not repeated */
export function invalidFilter(parameter: string, reason: string): GatewayError {
  return new GatewayError('invalid-report-filter', `${parameter} ${reason}`, { details: { parameter } });
}

function sinceThen(text: string, nowMs: number): ReportPeriod {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const durationMs = Number(amount) * (unitsMs[unit as keyof typeof unitsMs] ?? Number.NaN);
  if (!(durationMs > 0)) throw invalidFilter('since', 'is not a span such as 90m, 24h or 7d');
  return { fromMs: nowMs - durationMs, toMs: nowMs, open: true, since: text };
}

function between(from: string | null, to: string | null, nowMs: number): ReportPeriod {
  if (from === null) throw invalidFilter('from', 'is missing beside to');
  const fromMs = moment('from', from);
  const toMs = to === null ? nowMs : moment('to', to);
  if (toMs <= fromMs) throw invalidFilter(to === null ? 'from' : 'to', to === null ? 'is not in the past' : 'is not later than from');
  return { fromMs, toMs, open: to === null, since: null };
}

function moment(parameter: string, text: string): number {
  // A `+` in a query is a space once it is decoded.
  const [, day = ''] = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):\d\d(:\d\d(\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d)$/.exec(text) ?? [];
  const time = isDay(day) ? Date.parse(text.replace(' ', '+')) : Number.NaN;
  if (Number.isNaN(time)) throw invalidFilter(parameter, 'is not a moment such as 2026-11-20T08:00:00Z');
  return time;
}

/** `Date.parse` takes the 30th of February for a day in March. */
function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
