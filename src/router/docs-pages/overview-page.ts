// The first page: what can be asked here and by which codes it is refused, from the lists that the router itself goes by.
import { gatewayErrors } from '../gateway-error.js';
import { type DocsPage, htmlTable } from './docs-page.js';
import { htmlText } from './html-text.js';

export interface Endpoint {
  readonly method: string;
  readonly path: string;
}

export function overviewPage(endpoints: readonly Endpoint[]): DocsPage {
  const code = (text: string): string => `<code>${htmlText(text)}</code>`;
  return {
    title: 'Overview',
    body: [
      '<p>Paths below <code>/v1</code> and <code>/anthropic</code> want a caller token as a bearer in <code>Authorization</code>, or in',
      '<code>X-API-Key</code>. Every answer carries <code>X-Request-Id</code>; quote it when you report a failure.</p>',
      '<h2>Endpoints</h2>',
      htmlTable(
        ['Request', 'Path'],
        endpoints.map(({ method, path }) => [code(method), code(path)]),
      ),
      '<h2>Error codes</h2>',
      '<p>Each refusal has one of these in <code>error.code</code>, also where the dialect has a type of its own.</p>',
      htmlTable(
        ['Code', 'Status'],
        Object.entries(gatewayErrors).map(([name, status]) => [code(name), String(status)]),
      ),
    ].join('\n'),
  };
}
