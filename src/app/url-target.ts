// A target made from nothing but a URL, for the first contact with a router and for CI: nobody has to write a config for a smoke.
import { RouterctlError } from '../core/errors.js';
import { isPlaceholderUrl } from '../core/placeholders.js';
import { secretReference, type Target, targetSpec } from '../core/target.js';

export interface UrlRequest {
  readonly url: string;
  /** Reference of the caller's token; null asks without one. */
  readonly key: string | null;
  readonly profile: string;
  readonly models: readonly string[];
  /** Nothing is written there; a target has to have one. */
  readonly root: string;
}

/** Throws URL_REFUSED, USAGE. Whatever is not on this machine counts as production. */
export function urlTarget({ url: text, key, profile, models, root }: UrlRequest): Target {
  const url = parsedUrl(text);
  const spec = targetSpec.parse({
    profile,
    environment: isLoopback(url.hostname) ? 'lab' : 'production',
    root,
    components: {
      router: {
        url: url.href.replace(/\/+$/, ''),
        models: [...models],
        ...(key === null ? {} : { credentials: { caller: checkedReference(key) } }),
      },
    },
  });
  return { ...spec, name: url.host };
}

/** Throws URL_REFUSED. */
export function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new RouterctlError('URL_REFUSED', `${text} is not a URL with http or https`, {
      hint: 'write it whole, for example http://localhost:4000',
    });
  if (isPlaceholderUrl(text))
    throw new RouterctlError('URL_REFUSED', `${text} is the placeholder of a guide, not a router`, { hint: 'give the URL of your router' });
  if (url.username !== '' || url.password !== '')
    throw new RouterctlError('URL_REFUSED', `the URL of ${url.host} carries a user or a password`, {
      hint: 'leave them out; give the token by reference: --key env:ROUTERCTL_KEY',
    });
  return url;
}

/** Throws USAGE. */
export function checkedReference(key: string): string {
  if (secretReference.safeParse(key).success) return key;
  throw new RouterctlError('USAGE', '--key takes a reference, never the key itself', {
    hint: '--key env:NAME, --key file:PATH, or export ROUTERCTL_KEY and leave --key out',
  });
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
