// Signing in and out: `/admin/auth/login` with a form, a JSON body or HTTP Basic, `/admin/auth/logout`, and `/admin/auth/me`.
// A page of another site can make a browser post a form here, so that both changes are refused unless they come from this router.
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { readBytes } from '../http/read-body.js';
import { type AdminIdentity, type Credentials, cookieName } from './admin-access.js';
import { redirect, sendPage, setAdminHeaders, wantsPage } from './admin-answer.js';
import { loginPage } from './login-page.js';
import { isSameOrigin } from './same-origin.js';

const formLimitBytes = 16 * 1024;
const home = '/admin/reports/';

/** `Basic` with the realm of the config (RFC 7617). */
export function challenge({ generation }: Gateway): Readonly<Record<string, string>> {
  return { 'WWW-Authenticate': `Basic realm=${quoted(generation.config.admin_auth.realm)}, charset="UTF-8"` };
}

/**
 * For who gets the form with the refusal: a scheme that browsers leave to the page (after draft-broyer-http-cookie-auth), since
 * `Basic` makes them open a dialogue of their own and never show the form.
 */
export function formChallenge({ generation }: Gateway): string {
  return `Cookie realm=${quoted(generation.config.admin_auth.realm)}, form-action="/admin/auth/login", cookie-name="${cookieName}"`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** GET shows the form, or signs in whoever sends Basic; POST signs in with a form or a JSON body. */
export async function answerLogin(gateway: Gateway, exchange: Exchange): Promise<void> {
  setAdminHeaders(exchange);
  const { request } = exchange;
  if (request.method !== 'POST') {
    const identity = await challenged(gateway, () => gateway.admin.identify(gateway, exchange));
    if (identity === null) return sendPage(exchange, 200, loginPage(gateway, { next: nextOf(exchange.query), refusal: null }));
    if (identity.by === 'basic') gateway.admin.remember(gateway, exchange, identity);
    return wantsPage(exchange) ? redirect(exchange, nextOf(exchange.query)) : exchange.sendJson(200, describe(gateway, identity));
  }
  refuseForeign(exchange);
  const fields = await readFields(exchange);
  const form = wantsPage(exchange);
  try {
    const identity = await challenged(gateway, () => gateway.admin.login(gateway, exchange, credentialsOf(fields)));
    return form ? redirect(exchange, nextOf(fields)) : exchange.sendJson(200, describe(gateway, identity));
  } catch (error) {
    if (!(error instanceof GatewayError) || !form) throw error;
    // A browser that gets the challenge would open its own dialogue over the form.
    for (const [name, value] of Object.entries(error.headers)) if (name !== 'WWW-Authenticate') exchange.response.setHeader(name, value);
    const refusal = { error, requestId: exchange.requestId, tried: true };
    return sendPage(exchange, error.status, loginPage(gateway, { next: nextOf(fields), refusal }));
  }
}

/** Who shows no session has nothing to end, and would take the answer for an end of what goes on elsewhere. */
export function answerLogout(gateway: Gateway, exchange: Exchange): void {
  setAdminHeaders(exchange);
  refuseForeign(exchange);
  const ended = gateway.admin.logout(gateway, exchange);
  if (wantsPage(exchange)) return redirect(exchange, '/admin/auth/login');
  if (!ended)
    throw new GatewayError('unauthorized', 'no session was shown that could be ended; sign in at /admin/auth/login', {
      headers: { 'WWW-Authenticate': formChallenge(gateway) },
    });
  exchange.sendJson(200, { signedOut: true });
}

export async function answerMe(gateway: Gateway, exchange: Exchange): Promise<void> {
  setAdminHeaders(exchange);
  const identity = await challenged(gateway, () => gateway.admin.identify(gateway, exchange));
  if (identity === null) throw new GatewayError('unauthorized', 'sign in at /admin/auth/login', { headers: challenge(gateway) });
  exchange.sendJson(200, describe(gateway, identity));
}

/** A refusal for want of an identity says how to show one. */
export async function challenged<Answer>(gateway: Gateway, act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'unauthorized') throw error;
    throw new GatewayError('unauthorized', error.message, { headers: challenge(gateway) });
  }
}

function describe({ generation }: Gateway, { username, subject, by }: AdminIdentity): Record<string, unknown> {
  const reports = Object.fromEntries(
    ['read', 'export', 'drilldown'].map((action) => [action, generation.policy.domains(subject, 'admin:reports', action)]),
  );
  return { username, subject, by, reports };
}

function refuseForeign(exchange: Exchange): void {
  if (!isSameOrigin(exchange.request.headers))
    throw new GatewayError('admin-forbidden', 'the request comes from a page of another site; sign in at /admin/auth/login of this router');
}

async function readFields(exchange: Exchange): Promise<URLSearchParams> {
  const text = (await readBytes(exchange.request, formLimitBytes)).toString('utf8');
  if (!(exchange.request.headers['content-type'] ?? '').includes('json')) return new URLSearchParams(text);
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(jsonObject(text))) if (typeof value === 'string') fields.set(name, value);
  return fields;
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    throw new GatewayError('invalid-body', 'the request body is not valid JSON in UTF-8');
  }
}

function credentialsOf(fields: URLSearchParams): Credentials {
  return { username: fields.get('username') ?? '', password: fields.get('password') ?? '' };
}

/** Where to go after signing in: a page of the reports, whatever was asked for. */
function nextOf(fields: URLSearchParams): string {
  const next = fields.get('next') ?? '';
  return /^\/admin\/reports\/[\w\-./?&=%:,+*~]*$/.test(next) && !next.includes('//') ? next : home;
}
