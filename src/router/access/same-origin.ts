// Whether a request that changes something was made by a page of this router. Browsers say so themselves, in `Sec-Fetch-Site`
// (Fetch Metadata) or, without TLS, in `Origin`; a program sends neither, and cannot be made to act with another's cookie.
import type { IncomingHttpHeaders } from 'node:http';

export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}
