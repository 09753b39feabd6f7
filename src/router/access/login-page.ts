// The form that administrators sign in with; also the body of the answer that asks for an identity.
import type { Gateway } from '../gateway.js';
import { html } from '../reports/pages/html.js';
import { page } from '../reports/pages/page.js';

export function loginPage(gateway: Gateway, { next, refusal }: { readonly next: string; readonly refusal: string | null }): string {
  const body = html`<div class="sign-in"><div class="card">
<h1>Sign in</h1>
<p class="quiet">Reports of ${gateway.generation.names.display}</p>
${refusal !== null && html`<p class="refusal" role="alert">${refusal}.</p>`}
<form method="post" action="/admin/auth/login">
<input type="hidden" name="next" value="${next}">
<label>User name<input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required maxlength="1000"></label>
<button class="first">Sign in</button>
</form></div></div>`;
  return page(gateway, { title: 'Sign in', body, identity: null, at: '' });
}
