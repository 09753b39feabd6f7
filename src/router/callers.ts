// Who is asking: a token is known by its SHA-256 only, and every known digest is compared in constant time, whether or not
// an earlier one matched, so that timing tells nothing about the list.
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CallerConfig } from './config/config.js';
import { GatewayError } from './gateway-error.js';

export interface Caller {
  readonly id: string;
  readonly tokenId: string;
  readonly user: string;
  readonly project: string;
  readonly environment: string;
  readonly status: CallerConfig['status'];
  /** Milliseconds since the epoch; null: never. */
  readonly expiresAtMs: number | null;
  readonly allow: ReadonlySet<string>;
  readonly rate: CallerConfig['rate'];
  readonly shape: NonNullable<CallerConfig['shape']> | null;
  readonly budget: CallerConfig['budget'];
}

const stateErrors = {
  disabled: { code: 'key-disabled', message: 'the caller token is disabled' },
  expired: { code: 'key-expired', message: 'the caller token is expired' },
  rotated: { code: 'key-rotated', message: 'the caller token was replaced by a newer one' },
} as const;

export class Callers {
  readonly #known: readonly { readonly digest: Buffer; readonly caller: Caller }[];

  constructor(callers: readonly CallerConfig[]) {
    this.#known = callers.map((config) => ({ digest: Buffer.from(config.token_sha256, 'hex'), caller: callerOf(config) }));
  }

  get all(): readonly Caller[] {
    return this.#known.map(({ caller }) => caller);
  }

  /** @throws GatewayError `unauthorized`, `key-disabled`, `key-expired` or `key-rotated` */
  authenticate(headers: IncomingHttpHeaders, nowMs = Date.now()): Caller {
    const token = presentedToken(headers);
    if (token === null) throw new GatewayError('unauthorized', 'send a caller token as a bearer in Authorization, or in X-API-Key');
    const digest = hash('sha256', token, 'buffer');
    let match: Caller | null = null;
    for (const { digest: known, caller } of this.#known) if (timingSafeEqual(known, digest)) match = caller;
    if (match === null) throw new GatewayError('unauthorized', 'the caller token is not known here');
    const expired = match.expiresAtMs !== null && match.expiresAtMs <= nowMs;
    const state = match.status === 'active' && expired ? 'expired' : match.status;
    if (state !== 'active') throw new GatewayError(stateErrors[state].code, stateErrors[state].message);
    return match;
  }
}

function callerOf(config: CallerConfig): Caller {
  return {
    id: config.id,
    tokenId: config.token_id ?? config.id,
    user: config.user,
    project: config.project ?? '',
    environment: config.environment ?? '',
    status: config.status,
    expiresAtMs: config.expires_at === undefined ? null : Date.parse(config.expires_at),
    allow: new Set(config.allow),
    rate: config.rate,
    shape: config.shape ?? null,
    budget: config.budget,
  };
}

/** What is shown as a caller's token, known or not; null when nothing is. */
export function presentedToken(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}
