// The router's paths: probes and the version document without a token, the API behind one.
import { answerChatCompletion } from './chat/chat-completions.js';
import type { Gateway } from './gateway.js';
import { GatewayError } from './gateway-error.js';
import type { Exchange } from './http/exchange.js';
import { whyNotReady } from './readiness.js';

interface Route {
  readonly method: 'GET' | 'POST';
  /** Work for a caller: refused while draining, counted as in flight. */
  readonly work: boolean;
  readonly answer: (gateway: Gateway, exchange: Exchange) => Promise<void> | void;
}

export const routes: Readonly<Record<string, Route>> = {
  '/healthz': { method: 'GET', work: false, answer: answerHealth },
  '/readyz': { method: 'GET', work: false, answer: answerReadiness },
  '/version': { method: 'GET', work: false, answer: answerVersion },
  '/v1/models': { method: 'GET', work: true, answer: answerModels },
  '/v1/chat/completions': { method: 'POST', work: true, answer: answerChatCompletion },
};

export async function dispatch(gateway: Gateway, exchange: Exchange): Promise<void> {
  const route = Object.hasOwn(routes, exchange.path) ? routes[exchange.path] : undefined;
  if (route === undefined) throw new GatewayError('not-found', 'nothing is served at this path');
  const method = exchange.request.method === 'HEAD' ? 'GET' : exchange.request.method;
  if (method !== route.method) throw new GatewayError('method-not-allowed', `this path answers ${route.method}`, { Allow: route.method });
  if (!route.work) return route.answer(gateway, exchange);
  if (gateway.activity.draining)
    throw new GatewayError('draining', 'the router is stopping; ask again', { 'Retry-After': '1', Connection: 'close' });
  gateway.activity.inFlight += 1;
  try {
    await route.answer(gateway, exchange);
    await exchange.sent();
  } finally {
    gateway.activity.inFlight -= 1;
  }
}

function stamp({ release }: Gateway): Record<string, string> {
  return { version: release.version, commit: release.commit, build_date: release.buildDate };
}

function answerHealth(gateway: Gateway, exchange: Exchange): void {
  exchange.sendJson(200, { ok: true, ...stamp(gateway) });
}

function answerReadiness(gateway: Gateway, exchange: Exchange): void {
  const reason = whyNotReady(gateway);
  const body = { ok: reason === null, ...stamp(gateway), in_flight: gateway.activity.inFlight };
  exchange.sendJson(reason === null ? 200 : 503, { ...body, ...reason });
}

function answerVersion(gateway: Gateway, exchange: Exchange): void {
  const { node } = process.versions;
  exchange.sendJson(200, { product: gateway.config.product, ...stamp(gateway), node, os: process.platform, arch: process.arch });
}

function answerModels(gateway: Gateway, exchange: Exchange): void {
  const caller = gateway.callers.authenticate(exchange.request.headers);
  const data = gateway.groups.visibleTo(caller).map((id) => ({ id, object: 'model', created: 0, owned_by: gateway.config.product }));
  exchange.sendJson(200, { object: 'list', data });
}
