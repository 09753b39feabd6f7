// From when on a usage report looks: a span of time back from now, or a moment.
import { RouterctlError } from '../core/errors.js';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** RFC 3339 in UTC. Throws USAGE. */
export function sinceMoment(text: string, nowMs: number): string {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const spanMs = unitMs[unit];
  if (spanMs !== undefined) return new Date(nowMs - Number(amount) * spanMs).toISOString();
  const moment = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment))
    throw new RouterctlError('USAGE', `--since ${text} is no span of time and no moment`, {
      hint: 'for example 90m, 24h, 7d or 2026-11-20T08:00:00Z',
    });
  return new Date(moment).toISOString();
}
