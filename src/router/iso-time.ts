// Moments as RFC 3339 in UTC. A request names several moments of the same millisecond, so the last text is kept.

let lastMs = -1;
let lastText = '';

export function isoTime(epochMs: number): string {
  if (epochMs !== lastMs) {
    lastMs = epochMs;
    lastText = new Date(epochMs).toISOString();
  }
  return lastText;
}
