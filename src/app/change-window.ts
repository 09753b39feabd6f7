// A maintenance window as given on the command line, as two instants.
import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';

const DAY_MS = 86_400_000;

/**
 * `HH:MM-HH:MM` in the machine's own time zone (today's, or the one that is open now, or tomorrow's when today's is over), or two
 * RFC 3339 times joined by `/`. Throws USAGE.
 */
export function changeWindow(text: string, nowMs: number): NonNullable<Plan['window']> {
  const clock = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (clock !== null) return nextWindow(clock.slice(1).map(Number), nowMs);
  const [from = '', to = ''] = text.split('/');
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  if (!/T/.test(from) || !/T/.test(to) || !(fromMs < toMs)) {
    throw new RouterctlError('USAGE', `${text} is not a maintenance window`, {
      hint: 'write 02:00-03:00, or 2026-01-31T02:00:00Z/2026-01-31T03:00:00Z',
    });
  }
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function nextWindow(
  [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0]: readonly number[],
  nowMs: number,
): NonNullable<Plan['window']> {
  const length = ((toHour * 60 + toMinute - fromHour * 60 - fromMinute + 24 * 60) % (24 * 60)) * 60_000;
  if (length === 0)
    throw new RouterctlError('USAGE', 'a maintenance window has a beginning and another end', { hint: 'write 02:00-03:00' });
  for (const day of [-1, 0, 1]) {
    const from = new Date(nowMs + day * DAY_MS);
    from.setHours(fromHour, fromMinute, 0, 0);
    const to = from.getTime() + length;
    if (nowMs < to) return { from: from.toISOString(), to: new Date(to).toISOString() };
  }
  throw new Error('one of three days has a window that is not over');
}
