// Requests as a table, newest first, each with a link to everything about it.
import type { UsageRow } from '../../usage/usage-row.js';
import { type Html, html } from './html.js';
import { duration, moment, usd, whole } from './numbers.js';

export function requestTable(caption: string, rows: readonly UsageRow[]): Html {
  if (rows.length === 0) return html`<p class="card quiet">${caption}: none.</p>`;
  const body = rows.map(
    (
      row,
    ) => html`<tr><th scope="row" class="nowrap"><a class="code" href="/admin/reports/requests/${row.request_id}">${row.request_id.slice(0, 16)}…</a></th>
<td class="nowrap">${moment(row.ts)}</td><td>${row.caller_id}</td><td>${row.resolved_group || '–'}</td><td>${row.target_provider || '–'}</td>
<td>${statusMark(row)}</td><td class="number">${whole(row.total_tokens)}</td><td class="number">${usd(row.total_cost_usd)}</td><td class="number">${duration(row.latency_ms)}</td></tr>`,
  );
  const head = ['Request', 'Arrived, UTC', 'Caller', 'Model group', 'Provider', 'Status'].map((name) => html`<th scope="col">${name}</th>`);
  const numbers = ['Tokens', 'Cost', 'Latency'].map((name) => html`<th scope="col" class="number">${name}</th>`);
  return html`<section class="card"><div class="sideways" tabindex="0" role="region" aria-label="${caption}"><table class="open"><caption class="sr">${caption}</caption>
<thead><tr>${head}${numbers}</tr></thead><tbody>${body}</tbody></table></div></section>`;
}

export function statusMark({ status, error }: Pick<UsageRow, 'status' | 'error'>): Html {
  const failed = error !== null || status >= 400;
  return html`<span class="mark ${failed ? 'bad' : 'good'}">${status}${error !== null && html` ${error}`}</span>`;
}
