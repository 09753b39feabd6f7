// How numbers and moments are written for people, the same on every page and in the Markdown report.

const thousands = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

export const whole = (value: number): string => thousands.format(value);

/** `12.3K`, for axes. */
export const short = (value: number): string => compact.format(value);

/** US dollars with as many places as a small amount needs. */
export function usd(value: number): string {
  if (value === 0) return '$0';
  const places = value >= 10 ? 2 : value >= 0.1 ? 4 : value >= 0.0001 ? 6 : 9;
  return `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: places })}`;
}

export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1000) return `${whole(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

export function percent(part: number, of: number): string {
  if (of === 0) return '–';
  const share = (part / of) * 100;
  return `${share > 0 && share < 0.1 ? '<0.1' : share.toFixed(share >= 99.95 || share === 0 ? 0 : 1)} %`;
}

/** `2026-11-20 14:05:09` in UTC, and with `short` without seconds. */
export function moment(iso: string, seconds = true): string {
  return iso.slice(0, seconds ? 19 : 16).replace('T', ' ');
}
