// Lets a caller do what the policy grants beyond asking for answers: which caller is asking, and whether a line allows it.
import type { Caller } from '../callers.js';
import type { Gateway } from '../gateway.js';
import { GatewayError, type GatewayErrorCode } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { domainOf } from './policy.js';

export interface Permission {
  readonly object: string;
  readonly action: string;
  /** How the refusal is called. */
  readonly otherwise: GatewayErrorCode;
}

/** @throws GatewayError `unauthorized` and the caller states, or the permission's own code */
export function permittedCaller({ generation }: Gateway, exchange: Exchange, { object, action, otherwise }: Permission): Caller {
  const caller = generation.callers.authenticate(exchange.request.headers);
  if (generation.policy.allows(`caller:${caller.id}`, domainOf(caller), object, action)) return caller;
  throw new GatewayError(otherwise, `this caller may not ${action} ${object}; admin_auth.policy grants it`);
}
