// Lets whoever the policy names read what is about the router as a whole: a caller by its token, or an administrator by a session or
// HTTP Basic. A caller is asked in its own domain; an administrator has none, so that only a grant in all of them opens it.
import { presentedToken } from '../callers.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { challenge, challenged } from './auth-routes.js';
import { type Permission, permittedCaller } from './permitted-caller.js';
import { everyDomain } from './policy.js';

/** @throws GatewayError `unauthorized`, the caller states, `login-limited`, or the permission's own code */
export async function refuseUnpermitted(gateway: Gateway, exchange: Exchange, permission: Permission): Promise<void> {
  if (presentedToken(exchange.request.headers) !== null) {
    permittedCaller(gateway, exchange, permission);
    return;
  }
  const identity = await challenged(gateway, () => gateway.admin.identify(gateway, exchange));
  if (identity === null)
    throw new GatewayError(
      'unauthorized',
      'send a caller token as a bearer in Authorization or in X-API-Key, or the name and password of an administrator',
      { headers: challenge(gateway) },
    );
  const { object, action, otherwise } = permission;
  if (!gateway.generation.policy.allows(identity.subject, everyDomain, object, action))
    throw new GatewayError(otherwise, `the policy does not let ${identity.subject} ${action} ${object} in every domain`);
}
