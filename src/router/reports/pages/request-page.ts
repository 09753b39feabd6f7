// Everything that is known of one request: its usage, its attempts at providers, what happened when, its error and its fallbacks.
import type { AdminIdentity } from '../../access/admin-access.js';
import type { Gateway } from '../../gateway.js';
import type { WholeRequest } from '../report-questions.js';
import { requestEvidence } from '../request-evidence.js';
import { type Html, type HtmlValue, html } from './html.js';
import { duration, moment, usd, whole } from './numbers.js';
import { page } from './page.js';
import { statusMark } from './request-table.js';

export function requestPage(gateway: Gateway, identity: AdminIdentity, whole: WholeRequest): string {
  const { usage, error } = whole;
  const body = html`<div class="head"><div><h1>Request <span class="code">${usage.request_id}</span></h1>
<p>${moment(usage.ts)} UTC · ${statusMark(usage)} · ${duration(usage.latency_ms)}</p></div></div>
${
  error !== null &&
  html`<section class="card" aria-label="Error"><h2>${error.error_type}</h2><p class="refusal">${error.error_message}</p>
<p class="quiet">${error.error_class ?? 'no class of upstream errors'}, ${error.retryable === 1 ? 'worth another try' : 'not worth another try'}, after ${error.attempts} ${error.attempts === 1 ? 'attempt' : 'attempts'}</p></section>`
}
<h2>Usage</h2>${usageFacts(whole)}
<h2>Attempts</h2>${attempts(whole)}
<h2>Fallbacks</h2>${fallbacks(whole)}
<h2>What happened</h2>${trace(whole)}
${evidence(whole)}`;
  return page(gateway, { title: `Request ${usage.request_id.slice(0, 12)}`, body, identity, at: '/admin/reports/requests' });
}

function usageFacts({ usage }: WholeRequest): Html {
  const price = (usdPerMillion: number): string => `at ${usd(usdPerMillion)} per million`;
  const facts: readonly (readonly [string, HtmlValue])[] = [
    ['Caller', `${usage.caller_id}${usage.caller_user === '' ? '' : ` (${usage.caller_user})`}`],
    ['Project and environment', `${usage.caller_project || '–'} / ${usage.caller_environment || '–'}`],
    ['Client', `${usage.client || '–'} from ${usage.caller_ip || '–'}`],
    ['Asked for', `${usage.requested_model} by ${usage.inbound_dialect}${usage.stream === 1 ? ', streamed' : ''}`],
    ['Routed to', usage.target_provider === '' ? '–' : `${usage.target_provider} / ${usage.target_model} by ${usage.target_dialect}`],
    ['Group and strategy', usage.resolved_group === '' ? '–' : `${usage.resolved_group}, ${usage.strategy}`],
    ['Input', `${whole(usage.input_tokens)} tokens, ${usd(usage.input_cost_usd)} ${price(usage.input_price_per_million_usd)}`],
    ['Output', `${whole(usage.output_tokens)} tokens, ${usd(usage.output_cost_usd)} ${price(usage.output_price_per_million_usd)}`],
    ['Reasoning', `${whole(usage.reasoning_tokens)} tokens of the output`],
    [
      'Images',
      usage.input_image_count === 0
        ? 'none'
        : `${usage.input_image_count}, ${whole(usage.input_image_tokens)} tokens, ${usd(usage.image_cost_usd)}`,
    ],
    ['Total', `${whole(usage.total_tokens)} tokens, ${usd(usage.total_cost_usd)}`],
    [
      'Billed by the provider',
      usage.upstream_reported_total_cost_usd === null ? 'not reported' : usd(usage.upstream_reported_total_cost_usd),
    ],
    ['Latency', `${duration(usage.latency_ms)}, first byte ${duration(usage.ttfb_ms)}`],
    ['Upstream, downstream', `${duration(usage.upstream_duration_ms)}, ${duration(usage.downstream_duration_ms)}`],
    ['Output speed', usage.upstream_output_tokens_per_sec === null ? '–' : `${usage.upstream_output_tokens_per_sec} tokens/s`],
    ['Cache', usage.cache],
    ['Quota, key, shaping', `${usage.quota_state}, ${usage.key_state}, ${usage.traffic_shape_state}`],
    ['Router', `${usage.router_version}, built ${usage.router_build_date}`],
  ];
  return html`<section class="card" aria-label="Usage"><dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

function attempts({ attempts: rows }: WholeRequest): Html {
  return table(
    'Attempts',
    ['No.', 'Provider', 'Model', 'Host', 'Status', 'Duration', 'Outcome'],
    rows.map((row) => [
      row.attempt_index,
      row.provider,
      row.model,
      row.endpoint_host,
      row.status_code ?? '–',
      duration(row.duration_ms),
      row.selected === 1 ? 'its answer was used' : `${row.error_class ?? 'failed'}: ${row.error_message ?? ''}`,
    ]),
  );
}

function fallbacks({ fallbacks: rows }: WholeRequest): Html {
  const body = rows.map((row) => [row.seq, `${row.from_provider} / ${row.from_model}`, `${row.to_provider} / ${row.to_model}`, row.reason]);
  return table('Fallbacks', ['No.', 'From', 'To', 'Because'], body);
}

function trace({ usage, trace: rows }: WholeRequest): Html {
  const began = Date.parse(usage.ts);
  return table(
    'What happened',
    ['No.', 'After', 'Event', 'Words', 'Provider', 'Status', 'Class'],
    rows.map((row) => [
      row.seq,
      duration(Math.max(0, Date.parse(row.ts) - began)),
      row.event,
      row.message,
      row.provider ?? '–',
      row.status_code ?? '–',
      row.error_class ?? '–',
    ]),
  );
}

function evidence(whole: WholeRequest): Html {
  const { diagnosticCompleteness, evidenceSections } = requestEvidence(whole);
  const rows = evidenceSections.map(({ name, status, rows: found, expected }) => [name, status.replaceAll('_', ' '), found, expected]);
  return html`<h2>Evidence: ${diagnosticCompleteness.replaceAll('_', ' ')}</h2>${table('Evidence', ['Table', 'Status', 'Rows', 'Expected'], rows)}`;
}

function table(caption: string, head: readonly string[], rows: readonly (readonly HtmlValue[])[]): Html {
  if (rows.length === 0) return html`<p class="card quiet">None.</p>`;
  const body = rows.map(
    ([first, ...others]) =>
      html`<tr><th scope="row" class="few nowrap">${first}</th>${others.map((value) => html`<td>${value}</td>`)}</tr>`,
  );
  return html`<section class="card"><div class="sideways" tabindex="0" role="region" aria-label="${caption}"><table class="open"><caption class="sr">${caption}</caption>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${body}</tbody></table></div></section>`;
}
