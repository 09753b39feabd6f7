// The head of a page about a period: what it is, from when to when, and links to the usual other periods.
import type { ReportPeriod } from '../report-period.js';
import { Html, html } from './html.js';
import { moment } from './numbers.js';

const usual = [
  ['1h', '1 hour'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['31d', '31 days'],
] as const;

/** The period as the query of a link. */
export function periodQuery({ since, open, fromMs, toMs }: ReportPeriod): Readonly<Record<string, string>> {
  if (since !== null) return { since };
  return { from: new Date(fromMs).toISOString(), ...(open ? {} : { to: new Date(toMs).toISOString() }) };
}

export function periodHead(
  title: string,
  path: string,
  period: ReportPeriod,
  { from, to }: { readonly from: string; readonly to: string },
  more: Readonly<Record<string, string>> = {},
): Html {
  const links = usual.map(([since, label]) => {
    const current = since === period.since && new Html(' aria-current="true"');
    return html`<li><a href="${path}?${new URLSearchParams({ since, ...more }).toString()}"${current}>${label}</a></li>`;
  });
  return html`<div class="head"><div><h1>${title}</h1><p>${moment(from, false)} to ${moment(to, false)} UTC</p></div>
<nav aria-label="Period"><ul class="periods">${links}</ul></nav></div>`;
}
