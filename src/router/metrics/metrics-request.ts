// GET /metrics: for a caller or an administrator whom the policy lets read them, where the license includes them.
import { refuseUnpermitted } from '../access/permitted-reader.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { scrape } from './scrape.js';

/** @throws GatewayError `not-found` while they are switched off, `metrics-forbidden`, `license-feature-forbidden` */
export async function answerMetrics(gateway: Gateway, exchange: Exchange): Promise<void> {
  if (!gateway.generation.config.metrics.enabled) throw new GatewayError('not-found', 'metrics are switched off in the config');
  await refuseUnpermitted(gateway, exchange, { object: 'metrics', action: 'read', otherwise: 'metrics-forbidden' });
  gateway.license.requireFeature('metrics');
  exchange.sendText(200, await scrape(gateway), gateway.metricRegistry.contentType);
}
