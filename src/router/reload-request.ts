// POST /config/reload: a caller whom the policy lets do it has the config file put in force.
import { permittedCaller } from './access/permitted-caller.js';
import type { Gateway } from './gateway.js';
import type { Exchange } from './http/exchange.js';
import { reload } from './reload.js';

/** @throws GatewayError `admin-forbidden`, or `config-invalid` with the findings */
export async function answerReload(gateway: Gateway, exchange: Exchange): Promise<void> {
  const { id } = permittedCaller(gateway, exchange, { object: 'admin:config', action: 'reload', otherwise: 'admin-forbidden' });
  gateway.log.info({ request_id: exchange.requestId, caller_id: id }, 'reload asked for');
  exchange.sendJson(200, await reload(gateway));
}
