// Moments as RFC 3339 in UTC. A router names several moments of each request, and thousands of a second, so the text of the last second
// is kept.

let lastSecond = Number.NaN;
let lastText = '';

export function isoTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  return `${lastText}${String(epochMs - second * 1000).padStart(3, '0')}Z`;
}
