// GET /docs/…: a handful of pages by their whole path; no path is ever looked up on disk, so that no trick in one leads anywhere.
import type { Gateway } from '../gateway.js';
import type { Exchange } from '../http/exchange.js';
import { contentSecurityPolicy, type DocsPage, htmlPage } from './docs-page.js';
import { type Endpoint, overviewPage } from './overview-page.js';
import { readReleaseNote, releaseNotesPage, releasesPage } from './release-pages.js';

const unknownPage = (requestId: string): DocsPage => ({
  title: 'Page not found',
  body: `<p>There is no such page. <a href="/docs/">The overview</a> names what there is.</p>
<p>This answer is <code>not-found</code>, <code>${requestId}</code>.</p>`,
});

type Pages = ReadonlyMap<string, DocsPage>;

const made = new WeakMap<Gateway, Pages>();

function pagesOf(gateway: Gateway, endpoints: readonly Endpoint[]): Pages {
  const known = made.get(gateway);
  if (known !== undefined) return known;
  const note = readReleaseNote(gateway.release);
  const pages = new Map([
    ['/docs/', overviewPage(endpoints)],
    ['/docs/releases', releasesPage(gateway.release, note)],
    ['/docs/release-notes', releaseNotesPage(note)],
  ]);
  made.set(gateway, pages);
  return pages;
}

export function answerDocs(gateway: Gateway, exchange: Exchange, endpoints: readonly Endpoint[]): void {
  const { release, generation, metrics } = gateway;
  const { display, headerPrefix } = generation.names;
  const path = exchange.path === '/docs/' ? exchange.path : exchange.path.replace(/\/$/, '');
  const page = pagesOf(gateway, endpoints).get(path);
  if (page === undefined) metrics.refused('not-found');
  for (const [name, value] of [
    [`${headerPrefix}-Version`, release.version],
    [`${headerPrefix}-Build-Date`, release.buildDate],
    ['Content-Security-Policy', contentSecurityPolicy],
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cache-Control', 'no-cache'],
  ] as const)
    exchange.response.setHeader(name, value);
  const text = htmlPage(page ?? unknownPage(exchange.requestId), { ...release, display });
  exchange.sendText(page === undefined ? 404 : 200, text, 'text/html; charset=utf-8');
}
