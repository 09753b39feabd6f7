// One way to group the requests of a period, as a table whose last row is the total. Long tables end with what is left together.

import type { ReportDimension } from '../report-filters.js';
import type { Figures, Group } from '../summary-document.js';
import { type Html, html } from './html.js';
import { percent, usd, whole } from './numbers.js';

export const dimensionTitles: Readonly<Record<ReportDimension, string>> = {
  caller: 'Caller',
  token: 'Token',
  project: 'Project',
  environment: 'Environment',
  model_group: 'Model group',
  provider: 'Provider',
  model: 'Model',
  status: 'Status',
  cache: 'Cache',
  latency_band: 'Latency',
  token_band: 'Tokens of a request',
  cost_band: 'Cost of a request',
};

const shown = 8;

export function groupTable(dimension: ReportDimension, groups: readonly Group[], total: Figures, linkOf: (value: string) => string): Html {
  const title = dimensionTitles[dimension];
  const first = groups.length > shown + 1 ? groups.slice(0, shown) : groups;
  const rest = groups.slice(first.length);
  const most = Math.max(1, ...groups.map(({ requests }) => requests));
  const rows = first.map(
    (group) =>
      html`<tr><th scope="row"><a href="${linkOf(group.value)}">${group.value}</a>${share(group.requests / most)}</th>${numbers(group)}</tr>`,
  );
  const others = rest.length > 0 && html`<tr><th scope="row" class="quiet">${rest.length} others</th>${numbers(together(rest))}</tr>`;
  return html`<section class="card"><div class="sideways" tabindex="0" role="region" aria-label="By ${title.toLowerCase()}"><table class="group">
<caption>${title}</caption>
<thead><tr><th scope="col"><span class="sr">${title}</span></th><th scope="col" class="number">Requests</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Tokens</th><th scope="col" class="number">Cost</th></tr></thead>
<tbody>${rows}${others}</tbody>
<tfoot><tr><th scope="row">Total</th>${numbers(total)}</tr></tfoot>
</table></div></section>`;
}

type Numbers = Pick<Figures, 'requests' | 'errors' | 'tokens' | 'costUsd'>;

function numbers({ requests, errors, tokens, costUsd }: Numbers): Html {
  const failed = html`${whole(errors)}${errors > 0 && html`<span class="share-of"> (${percent(errors, requests)})</span>`}`;
  return html`<td class="number">${whole(requests)}</td><td class="number">${failed}</td><td class="number">${whole(tokens)}</td><td class="number">${usd(costUsd)}</td>`;
}

function share(part: number): Html {
  return html`<svg class="share" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.max(0.5, Math.round(part * 1000) / 10)}" height="3" rx="1"/></svg>`;
}

function together(groups: readonly Group[]): Numbers {
  const sum = (of: (group: Group) => number): number => groups.reduce((all, group) => all + of(group), 0);
  return { requests: sum((g) => g.requests), errors: sum((g) => g.errors), tokens: sum((g) => g.tokens), costUsd: sum((g) => g.costUsd) };
}
