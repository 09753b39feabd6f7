// Numbers and times as people read them, in one notation everywhere: seconds with one decimal, clocks in UTC first.

export const count = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 request`, `2 requests`. */
export const counted = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** 41 ms, 2.4 s, 8 min 12 s, 2 h 5 min: for sentences. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return ms < 10_000 ? seconds(ms) : `${Math.floor(ms / 1000)} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** 0:04, 8:12, 1:02:03: for columns. */
export function stopwatch(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${pad(whole % 60)}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
}

export function dollars(value: number): string {
  if (value === 0) return '$0.00';
  return value >= 0.1 ? `$${value.toFixed(2)}` : `$${value.toFixed(Math.min(6, 2 - Math.floor(Math.log10(value) + 1)))}`;
}

/** 02:14 in a zone (`UTC` or an IANA name). */
export function clockTime(atMs: number, zone = 'UTC'): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(atMs);
}

/** 02:31:02 UTC time without the word. */
export const clockSeconds = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

/** `02:14 UTC (03:14 local)`; the local part only where it differs. */
export function bothClocks(atMs: number, zone: string): string {
  const utc = clockTime(atMs);
  const local = clockTime(atMs, zone);
  return utc === local ? `${utc} UTC` : `${utc} UTC (${local} local)`;
}
