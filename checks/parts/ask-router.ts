// How every HTTP check reaches its subject: where it lies, with which credential, and what came back in a few named fields.
// One place, so that a refused token or an HTML page is worded the same by all of them.
import type { CheckContext } from '../../src/core/check.js';
import type { Json } from '../../src/core/json.js';
import type { HttpAnswer, Unreachable } from '../../src/core/ports/http.js';
import type { ReadPorts } from '../../src/core/ports/ports.js';
import { fail, unmeasured, type Verdict } from '../../src/core/verdict.js';

export interface Door {
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Role of the credential that is sent; null when none is. */
  readonly role: string | null;
}

/** Where to ask, or why nothing can be asked. Secrets are read here and go nowhere but into the headers. */
export async function openDoor(ports: ReadPorts, context: CheckContext, role: string | null): Promise<Door | { readonly closed: string }> {
  const { subject } = context;
  if (subject.kind === 'upstream') {
    const { url, credential } = subject.upstream;
    const headers = credential === undefined ? {} : { authorization: `Bearer ${await ports.secrets.read(credential)}` };
    return { base: withoutSlash(url), headers, role: credential === undefined ? null : 'upstream' };
  }
  if (subject.kind !== 'component' || subject.component.url === undefined) {
    return { closed: `${subject.kind === 'none' ? 'the step' : subject.name} has no URL` };
  }
  const reference = role === null ? undefined : subject.component.credentials[role];
  if (reference === undefined) return { base: withoutSlash(subject.component.url), headers: {}, role: null };
  return { base: withoutSlash(subject.component.url), headers: { authorization: `Bearer ${await ports.secrets.read(reference)}` }, role };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** What an answer looked like: small, without content. */
export type Seen = {
  readonly status: number;
  readonly form: 'json' | 'html' | 'broken json' | 'text' | 'empty';
  /** The error that the answer names, one short line. */
  readonly error: string | null;
  readonly location: string | null;
  readonly tookMs: number;
};

export function look(answer: Pick<HttpAnswer, 'status' | 'headers' | 'body' | 'totalMs'>): {
  readonly seen: Seen;
  readonly json: Json | null;
} {
  const { json, form } = formOf(answer.headers['content-type'] ?? '', answer.body);
  const location = answer.headers['location'] ?? null;
  return { seen: { status: answer.status, form, error: errorOf(json), location, tookMs: rounded(answer.totalMs) }, json };
}

function formOf(contentType: string, body: string): { json: Json | null; form: Seen['form'] } {
  const text = body.trimStart();
  if (text === '') return { json: null, form: 'empty' };
  if (text.startsWith('<') || contentType.startsWith('text/html')) return { json: null, form: 'html' };
  try {
    return { json: JSON.parse(text) as Json, form: 'json' };
  } catch {
    return { json: null, form: /^[{[]/.test(text) || contentType.includes('json') ? 'broken json' : 'text' };
  }
}

/** `error` as text, or the code and message of an error object; cut short, since servers echo what they were sent. */
export function errorOf(json: Json | null): string | null {
  const error = member(json, 'error');
  if (typeof error === 'string') return short(error);
  const words = [member(error, 'code') ?? member(error, 'type'), member(error, 'message')].filter(
    (word) => typeof word === 'string' && word !== '',
  );
  return words.length === 0 ? null : short(words.join(': '));
}

const short = (text: string): string => (text.length > 160 ? `${text.slice(0, 157)}...` : text);

export function member(json: Json | null, name: string): Json | null {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return null;
  return (json as Readonly<Record<string, Json>>)[name] ?? null;
}

export const rounded = (ms: number): number => Math.round(ms * 10) / 10;

/** Why an answer is no JSON document with status 2xx; null when it is one. */
export function refusal(seen: Seen, asked: string, role: string | null): Verdict | null {
  const { status, form, error, location } = seen;
  const said = error === null ? '' : `: ${error}`;
  if (status === 401 || status === 403) return refusedToken(status, role, said);
  if (status >= 300 && status < 400) {
    return fail(`${asked} answered ${status}, a redirect${location === null ? '' : ` to ${location}`}`, {
      hint: 'Redirects are not followed; correct the URL of the component.',
    });
  }
  if (status < 200 || status >= 400)
    return fail(`${asked} answered ${status}${said}`, {
      hint:
        status === 404 ? 'Is the URL of the component right, and the profile the one of this product?' : 'Look into the log of the router.',
    });
  if (form === 'json') return null;
  const what = form === 'html' ? 'an HTML page' : form === 'empty' ? 'nothing' : form === 'text' ? 'plain text' : 'JSON that is broken';
  return fail(`${asked} answered ${status} with ${what} instead of JSON`, {
    hint: 'Another server, a login page or a proxy may stand at this URL.',
  });
}

function refusedToken(status: number, role: string | null, said: string): Verdict {
  if (role === null)
    return fail(`the router wants a token (${status}) and none is configured${said}`, {
      hint: 'For a URL: set ROUTERCTL_KEY, or give --key file:PATH. In routerctl.yaml: add credentials.caller to the component.',
    });
  if (role === 'upstream')
    return fail(`the upstream refused its credential (${status})${said}`, { hint: "Check the upstream's credential reference." });
  return fail(`the router refused the ${role} token (${status})${said}`, {
    hint: `Check the value: ${role === 'caller' ? 'for a URL ROUTERCTL_KEY or --key, else ' : ''}what credentials.${role} of the component refers to.`,
  });
}

const hints: Readonly<Record<Unreachable['reason'], string>> = {
  refused: 'Is the router running, and does the URL name its port?',
  dns: 'Check the host name in the URL.',
  timeout: 'Is the router overloaded, or a firewall in between?',
  reset: 'Look into the log of the router: it closed the connection.',
  tls: 'Check the certificate and whether the URL should be http.',
  aborted: "The step's time was up.",
  protocol: 'Is this the port of the router?',
};

export function notReached(base: string, why: Unreachable): { readonly unmeasured: string; readonly hint?: string } {
  return unmeasured(`${base} does not answer: ${why.message}`, hints[why.reason]);
}
