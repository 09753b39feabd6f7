// GET /metrics: for a caller whom the policy and the license let read them.
import { permittedCaller } from '../access/permitted-caller.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { scrape } from './scrape.js';

/** @throws GatewayError `not-found` while they are switched off, `metrics-forbidden`, `license-feature-forbidden` */
export async function answerMetrics(gateway: Gateway, exchange: Exchange): Promise<void> {
  if (!gateway.generation.config.metrics.enabled) throw new GatewayError('not-found', 'metrics are switched off in the config');
  permittedCaller(gateway, exchange, { object: 'metrics', action: 'read', otherwise: 'metrics-forbidden' });
  gateway.license.requireFeature('metrics');
  exchange.sendText(200, await scrape(gateway), gateway.metricRegistry.contentType);
}
