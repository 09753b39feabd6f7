// What every answer below `/admin` carries: nothing of it is kept by a cache, framed, sniffed or told to another site.
import type { Exchange } from '../http/exchange.js';
import { contentSecurityPolicy } from '../reports/pages/stylesheet.js';

const headers: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // With no referrer at all, browsers would send `Origin: null` with our own forms.
  'Referrer-Policy': 'same-origin',
  Vary: 'Cookie, Authorization, Accept',
};

export function setAdminHeaders({ response }: Exchange): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Whether a person is looking: programs that do not say so get JSON. */
export function wantsPage({ request }: Exchange): boolean {
  return (request.headers.accept ?? '').includes('text/html');
}

export function sendPage(exchange: Exchange, status: number, text: string): void {
  exchange.sendText(status, text, 'text/html; charset=utf-8');
}

/** Another path of this router, and never of another site. */
export function redirect(exchange: Exchange, path: string): void {
  exchange.head(303, { Location: path, 'Content-Length': 0 });
  exchange.response.end();
}
