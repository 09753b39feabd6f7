// GET /admin/license/status: what the license says and how much of it is used, for a caller or an administrator whom the policy
// lets read it. It answers 200 also while the license refuses all work, since that is when it is asked.
import { setAdminHeaders } from '../access/admin-answer.js';
import { refuseUnpermitted } from '../access/permitted-reader.js';
import type { Gateway } from '../gateway.js';
import type { Exchange } from '../http/exchange.js';

/** @throws GatewayError `admin-forbidden` */
export async function answerLicenseStatus(gateway: Gateway, exchange: Exchange): Promise<void> {
  setAdminHeaders(exchange);
  await refuseUnpermitted(gateway, exchange, { object: 'admin:license', action: 'read', otherwise: 'admin-forbidden' });
  exchange.sendJson(200, gateway.license.status());
}
