// POST …/count_tokens of the Anthropic dialect: the router's own estimate, without asking an upstream.
import { readMessagesAsk } from '../dialects/anthropic-messages/read-ask.js';
import type { Gateway } from '../gateway.js';
import type { Exchange } from '../http/exchange.js';
import { readJsonObject } from '../http/read-body.js';
import { estimateTokens, promptSizeOf } from './token-meter.js';

export async function answerCountTokens(gateway: Gateway, exchange: Exchange): Promise<void> {
  const { callers, groups, config, names } = gateway.generation;
  const caller = callers.authenticate(exchange.request.headers);
  const ask = readMessagesAsk(await readJsonObject(exchange.request, config.limits.body_bytes));
  groups.resolve(ask.model, caller);
  exchange.warn(names.headerPrefix, gateway.license.warnings);
  exchange.sendJson(200, { input_tokens: Math.max(1, estimateTokens(promptSizeOf(ask))) });
}
