// The list of requests: filters as a plain form, a table, and a link to what comes next.
import type { AdminIdentity } from '../../access/admin-access.js';
import type { Gateway } from '../../gateway.js';
import { costBands, latencyBands, tokenBands } from '../../usage/bands.js';
import { writeCursor } from '../report-cursor.js';
import { filterWords, type ListFilters, type ReportDimension, reportDimensions } from '../report-filters.js';
import type { ReportPeriod } from '../report-period.js';
import type { ListedRequests } from '../report-questions.js';
import { dimensionTitles } from './group-table.js';
import { Html, html } from './html.js';
import { whole } from './numbers.js';
import { page } from './page.js';
import { periodHead, periodQuery } from './period-head.js';
import { requestTable } from './request-table.js';

export interface RequestsParts {
  readonly identity: AdminIdentity;
  readonly period: ReportPeriod;
  readonly filters: ListFilters;
  readonly listed: ListedRequests;
}

const path = '/admin/reports/requests';
const choices: Readonly<Partial<Record<ReportDimension, readonly string[]>>> = {
  cache: ['hit', 'miss', 'bypass'],
  latency_band: latencyBands.map(({ name }) => name),
  token_band: tokenBands.map(({ name }) => name),
  cost_band: costBands.map(({ name }) => name),
};

export function requestsPage(gateway: Gateway, { identity, period, filters, listed }: RequestsParts): string {
  const words = filterWords(filters);
  const span = { from: new Date(period.fromMs).toISOString(), to: new Date(period.toMs).toISOString() };
  const next = listed.next === null ? null : new URLSearchParams({ ...periodQuery(period), ...words, cursor: writeCursor(listed.next) });
  const total = listed.totalCount ?? listed.rows.length;
  const fields = reportDimensions.map((name) => html`<label>${dimensionTitles[name]}${field(name, filters.values[name] ?? '')}</label>`);
  const body = html`${periodHead('Requests', path, period, span, words)}
<section class="card" aria-label="Filters"><form class="filters" method="get" action="${path}">
${Object.entries(periodQuery(period)).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
<label>Outcome<select name="errors">${option('', 'all', '')}${option('1', 'failed only', filters.errorsOnly ? '1' : '')}</select></label>
<button class="first">Show</button>
</form></section>
<h2>${whole(total)} ${total === 1 ? 'request' : 'requests'}</h2>
${requestTable('Requests, newest first', listed.rows)}
${next !== null && html`<p class="onward"><a href="${path}?${next.toString()}" rel="next">Older requests</a></p>`}`;
  return page(gateway, { title: 'Requests', body, identity, at: path });
}

function field(name: ReportDimension, value: string): Html {
  const known = choices[name];
  if (known === undefined) return html`<input name="${name}" value="${value}" maxlength="200" autocomplete="off" spellcheck="false">`;
  return html`<select name="${name}">${option('', 'any', value)}${known.map((choice) => option(choice, choice, value))}</select>`;
}

function option(value: string, label: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen && new Html(' selected')}>${label}</option>`;
}
