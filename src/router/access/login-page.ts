// The form that administrators sign in with; also the body of an answer that asks for an identity, or refuses one.
import type { Gateway } from '../gateway.js';
import type { GatewayError } from '../gateway-error.js';
import { type Html, html } from '../reports/pages/html.js';
import { page } from '../reports/pages/page.js';

export interface LoginForm {
  /** Where to go after signing in. */
  readonly next: string;
  /** What the form comes with; null when it was asked for. */
  readonly refusal: LoginRefusal | null;
}

export interface LoginRefusal {
  readonly error: GatewayError;
  readonly requestId: string;
  /** Something was tried, so that the words of the refusal are news. */
  readonly tried: boolean;
}

export function loginPage(gateway: Gateway, { next, refusal }: LoginForm): string {
  const body = html`<div class="sign-in"><div class="card">
<h1>Sign in</h1>
<p class="quiet">Reports of ${gateway.generation.names.display}</p>
${refusal?.tried === true && html`<p class="refusal" role="alert">${refusal.error.message}.</p>`}
<form method="post" action="/admin/auth/login">
<input type="hidden" name="next" value="${next}">
<label>User name<input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required maxlength="1000"></label>
<button class="first">Sign in</button>
</form>${refusal !== null && told(refusal)}</div></div>`;
  return page(gateway, { title: 'Sign in', body, identity: null, at: '' });
}

function told({ error, requestId }: LoginRefusal): Html {
  return html`
<p class="onward quiet">This answer is <span class="code">${error.code}</span>, <span class="code">${requestId}</span>.</p>`;
}
