// Who is asking: a token is known by its SHA-256 only, and every known digest is compared in constant time, whether or not
// an earlier one matched, so that timing tells nothing about the list.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CallerConfig } from './config.js';
import { GatewayError } from './gateway-error.js';

export interface Caller {
  readonly id: string;
  readonly tokenId: string;
  readonly active: boolean;
  readonly allow: ReadonlySet<string>;
}

export class Callers {
  readonly #known: readonly { readonly digest: Buffer; readonly caller: Caller }[];

  constructor(callers: readonly CallerConfig[]) {
    this.#known = callers.map(({ id, token_id: tokenId, token_sha256: sha256, status, allow }) => ({
      digest: Buffer.from(sha256, 'hex'),
      caller: { id, tokenId: tokenId ?? id, active: status === 'active', allow: new Set(allow) },
    }));
  }

  authenticate(headers: IncomingHttpHeaders): Caller {
    const token = presentedToken(headers);
    if (token === null) throw new GatewayError('unauthorized', 'send a caller token as a bearer in Authorization, or in X-API-Key');
    const digest = createHash('sha256').update(token).digest();
    let match: Caller | null = null;
    for (const { digest: known, caller } of this.#known) if (timingSafeEqual(known, digest)) match = caller;
    if (match === null) throw new GatewayError('unauthorized', 'the caller token is not known here');
    if (!match.active) throw new GatewayError('key-disabled', 'the caller token is disabled');
    return match;
  }
}

function presentedToken(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}
