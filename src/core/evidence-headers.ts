// Headers as evidence: an allow-list, because a list of forbidden names is always one name short.

const kept = new Set(['content-type', 'content-length', 'date', 'server', 'retry-after', 'x-request-id', 'request-id']);

/** The named headers keep their value (still to be masked as text), all others only their name. */
export function evidenceHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [lower, kept.has(lower) || lower.startsWith('x-ratelimit-') ? value : '[redacted]'];
    }),
  );
}
