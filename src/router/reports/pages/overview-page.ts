// The first page of the reports: the period's figures, how they went over time, and every way to group them.
import type { AdminIdentity } from '../../access/admin-access.js';
import type { Gateway } from '../../gateway.js';
import { charts } from '../charts.js';
import { type ReportDimension, reportDimensions } from '../report-filters.js';
import type { ReportPeriod } from '../report-period.js';
import type { ListedRequests } from '../report-questions.js';
import type { SummaryDocument } from '../summary-document.js';
import { chartPicture } from './chart-picture.js';
import { groupTable } from './group-table.js';
import { type Html, html } from './html.js';
import { duration, percent, usd, whole } from './numbers.js';
import { page } from './page.js';
import { periodHead, periodQuery } from './period-head.js';
import { requestTable } from './request-table.js';

export interface OverviewParts {
  readonly identity: AdminIdentity;
  readonly period: ReportPeriod;
  readonly document: SummaryDocument;
  readonly newest: ListedRequests;
  readonly mayExport: boolean;
}

export function overviewPage(gateway: Gateway, { identity, period, document, newest, mayExport }: OverviewParts): string {
  const { summary, series, seriesStepSeconds, groups } = document;
  const query = periodQuery(period);
  const linkOf = (dimension: ReportDimension) => (value: string) =>
    `/admin/reports/requests?${new URLSearchParams({ ...query, [dimension]: value })}`;
  const body = html`${periodHead('Overview', '/admin/reports/', period, document.period)}
${tiles(document)}
<h2>Over time</h2>
<div class="two">${charts.map((chart) => chartPicture(chart, series, seriesStepSeconds))}</div>
<h2>By whom, with what, how</h2>
<div class="two">${reportDimensions.map((dimension) => groupTable(dimension, groups[dimension], summary, linkOf(dimension)))}</div>
<h2>Newest requests</h2>
${requestTable('Newest requests', newest.rows)}
<p class="onward"><a href="/admin/reports/requests?${new URLSearchParams(query).toString()}">All requests of this period</a>${
    mayExport && html` · <a href="/admin/reports/export.md?${new URLSearchParams(query).toString()}">This report as Markdown</a>`
  }</p>`;
  return page(gateway, { title: 'Overview', body, identity, at: '/admin/reports/' });
}

function tiles({ summary, cache }: SummaryDocument): Html {
  const facts: readonly (readonly [string, string, string])[] = [
    ['Requests', whole(summary.requests), `${whole(summary.streams)} streamed`],
    ['Failed', whole(summary.errors), percent(summary.errors, summary.requests)],
    ['Tokens', whole(summary.tokens), `${whole(summary.inputTokens)} in, ${whole(summary.outputTokens)} out`],
    ['Cost', usd(summary.costUsd), billed(summary.upstreamReportedRequests, summary.upstreamReportedCostUsd)],
    ['Latency, 95 of 100 within', duration(summary.latency.p95), `half within ${duration(summary.latency.p50)}`],
    ['First byte, 95 of 100 within', duration(summary.ttft.p95), `half within ${duration(summary.ttft.p50)}`],
    [
      'Cache hits',
      whole(cache.hits),
      cache.hitRate === null
        ? 'no request could have been one'
        : `${percent(cache.hits, cache.hits + cache.misses)} of those that could be`,
    ],
    ['Fallbacks', whole(summary.fallbacks), `${whole(summary.attempts)} attempts at providers`],
  ];
  return html`<dl class="tiles">${facts.map(([name, value, more]) => html`<div><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`)}</dl>`;
}

function billed(requests: number, costUsd: number): string {
  return requests === 0 ? 'at the configured prices' : `providers billed ${usd(costUsd)} for ${whole(requests)}`;
}
