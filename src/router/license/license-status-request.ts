// GET /admin/license/status: what the license says and how much of it is used, for a caller whom the policy lets read it. It
// answers 200 also while the license refuses all work, since that is when it is asked.
import { permittedCaller } from '../access/permitted-caller.js';
import type { Gateway } from '../gateway.js';
import type { Exchange } from '../http/exchange.js';

/** @throws GatewayError `admin-forbidden` */
export function answerLicenseStatus(gateway: Gateway, exchange: Exchange): void {
  permittedCaller(gateway, exchange, { object: 'admin:license', action: 'read', otherwise: 'admin-forbidden' });
  exchange.response.setHeader('Cache-Control', 'no-store');
  exchange.sendJson(200, gateway.license.status());
}
