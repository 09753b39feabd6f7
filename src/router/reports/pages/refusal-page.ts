// A refusal for whoever came with a browser: the same status, code and words as in JSON, and a way back.
import type { AdminIdentity } from '../../access/admin-access.js';
import type { Gateway } from '../../gateway.js';
import type { GatewayError } from '../../gateway-error.js';
import { html } from './html.js';
import { page } from './page.js';

export function refusalPage(gateway: Gateway, error: GatewayError, requestId: string, identity: AdminIdentity | null): string {
  const back = identity === null ? html`<a href="/admin/auth/login">Sign in</a>` : html`<a href="/admin/reports/">Back to the overview</a>`;
  const body = html`<div class="card"><h1>${error.code}</h1><p>${error.message}.</p><p class="quiet">This answer is <span class="code">${requestId}</span>.</p><p>${back}</p></div>`;
  return page(gateway, { title: error.code, body, identity, at: '' });
}
