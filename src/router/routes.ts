// The router's paths: probes and the version document without a token, the API behind one.
import { answerLogin, answerLogout, answerMe } from './access/auth-routes.js';
import { anthropicMessages } from './dialects/anthropic-messages/dialect.js';
import type { Dialect } from './dialects/dialect.js';
import { openAiChat } from './dialects/openai-chat/dialect.js';
import { openAiResponses } from './dialects/openai-responses/dialect.js';
import type { Gateway } from './gateway.js';
import { GatewayError } from './gateway-error.js';
import type { Exchange } from './http/exchange.js';
import { refuseUnfitHead } from './http/request-head.js';
import { answerLicenseStatus } from './license/license-status-request.js';
import { answerUsage } from './limits/usage-answer.js';
import { answerMetrics } from './metrics/metrics-request.js';
import { modelItem } from './model-item.js';
import { reloadFailed, whyNotReady } from './readiness.js';
import { answerReload } from './reload-request.js';
import { type ReportPath, reportPaths } from './reports/report-paths.js';
import { answerCountTokens } from './requests/count-tokens.js';
import { answerModelRequest } from './requests/model-request.js';
import { speakDialect } from './requests/speak-dialect.js';

interface Route {
  readonly method: 'GET' | 'POST' | 'GET or POST';
  /** Work for a caller: refused while draining, counted as in flight. */
  readonly work: boolean;
  /** How its refusals are spelt; OpenAI's way when left out. */
  readonly dialect?: Dialect;
  readonly answer: (gateway: Gateway, exchange: Exchange) => Promise<void> | void;
}

/** What a start of the router need not wait for is loaded when it is first asked for. */
const docs: Route = {
  method: 'GET',
  work: false,
  answer: async (gateway, exchange) => (await import('./docs-pages/docs-request.js')).answerDocs(gateway, exchange, endpoints()),
};

export const routes: Readonly<Record<string, Route>> = {
  '/': { method: 'GET', work: false, answer: redirectToDocs },
  '/docs/': docs,
  '/docs/releases': docs,
  '/docs/release-notes': docs,
  '/healthz': { method: 'GET', work: false, answer: answerHealth },
  '/readyz': { method: 'GET', work: false, answer: answerReadiness },
  '/version': { method: 'GET', work: false, answer: answerVersion },
  '/v1/models': { method: 'GET', work: true, answer: answerModels },
  '/v1/usage': { method: 'GET', work: true, answer: answerUsage },
  '/v1/chat/completions': modelRoute(openAiChat),
  '/v1/responses': modelRoute(openAiResponses),
  '/v1/messages': modelRoute(anthropicMessages),
  '/anthropic/v1/messages': modelRoute(anthropicMessages),
  '/metrics': { method: 'GET', work: false, answer: answerMetrics },
  '/admin/license/status': { method: 'GET', work: false, answer: answerLicenseStatus },
  '/config/reload': { method: 'POST', work: true, answer: answerReload },
  '/v1/messages/count_tokens': { method: 'POST', work: true, dialect: anthropicMessages, answer: answerCountTokens },
  '/anthropic/v1/messages/count_tokens': { method: 'POST', work: true, dialect: anthropicMessages, answer: answerCountTokens },
  '/admin/auth/login': { method: 'GET or POST', work: true, answer: answerLogin },
  '/admin/auth/logout': { method: 'POST', work: true, answer: answerLogout },
  '/admin/auth/me': { method: 'GET', work: true, answer: answerMe },
  ...Object.fromEntries(reportPaths.map((path) => [path, reportRoute(path)])),
};

function endpoints(): readonly { readonly method: string; readonly path: string }[] {
  return Object.entries(routes).map(([path, { method }]) => ({ method, path }));
}

function modelRoute(dialect: Dialect): Route {
  return { method: 'POST', work: true, dialect, answer: (gateway, exchange) => answerModelRequest(gateway, exchange, dialect) };
}

/** Null is a path below `/admin/reports` that has no report. */
function reportRoute(path: ReportPath | null): Route {
  return {
    method: 'GET',
    work: true,
    answer: async (gateway, exchange) => {
      const { answerNoReport, reportRoutes } = await import('./reports/report-routes.js');
      await (path === null ? answerNoReport : reportRoutes[path])(gateway, exchange);
    },
  };
}

/** `<id>` in a route is any last part of a path. */
function routeOf(path: string): Route | undefined {
  if (Object.hasOwn(routes, path)) return routes[path];
  const withId = path.replace(/[^/]+$/, '<id>');
  if (Object.hasOwn(routes, withId)) return routes[withId];
  if (path === '/docs') return routes['/'];
  if (path.startsWith('/docs/')) return docs;
  return path.startsWith('/admin/reports/') ? reportRoute(null) : undefined;
}

export async function dispatch(gateway: Gateway, exchange: Exchange): Promise<void> {
  const route = routeOf(exchange.path);
  if (route?.dialect !== undefined) speakDialect(exchange, route.dialect);
  refuseUnfitHead(exchange.request);
  if (route === undefined) throw new GatewayError('not-found', 'nothing is served at this path');
  const method = exchange.request.method === 'HEAD' ? 'GET' : exchange.request.method;
  if (!route.method.split(' or ').includes(method ?? ''))
    throw new GatewayError('method-not-allowed', `this path answers ${route.method}`, {
      headers: { Allow: route.method.replace(' or ', ', ') },
    });
  if (!route.work) return route.answer(gateway, exchange);
  if (gateway.activity.draining)
    throw new GatewayError('draining', 'the router is stopping; ask again', { headers: { 'Retry-After': '1', Connection: 'close' } });
  gateway.activity.inFlight += 1;
  try {
    await route.answer(gateway, exchange);
    await exchange.sent();
  } finally {
    gateway.activity.inFlight -= 1;
  }
}

function redirectToDocs(_gateway: Gateway, exchange: Exchange): void {
  exchange.response.setHeader('Location', '/docs/');
  exchange.sendText(307, '', 'text/plain; charset=utf-8');
}

function stamp({ release }: Gateway): Record<string, string> {
  return { version: release.version, commit: release.commit, build_date: release.buildDate };
}

function answerHealth(gateway: Gateway, exchange: Exchange): void {
  exchange.sendJson(200, { ok: true, ...stamp(gateway) });
}

async function answerReadiness(gateway: Gateway, exchange: Exchange): Promise<void> {
  const reason = await whyNotReady(gateway);
  const failed = reloadFailed(gateway);
  const told = failed === null ? {} : { reload_failed: failed };
  const body = { ok: reason === null, ...stamp(gateway), in_flight: gateway.activity.inFlight, ...told };
  exchange.sendJson(reason === null ? 200 : 503, { ...body, ...reason });
}

function answerVersion(gateway: Gateway, exchange: Exchange): void {
  const { node } = process.versions;
  exchange.sendJson(200, { product: gateway.generation.config.product, ...stamp(gateway), node, os: process.platform, arch: process.arch });
}

/** The list comes twice: `models` is where Codex looks for it. */
function answerModels(gateway: Gateway, exchange: Exchange): void {
  const { callers, groups, names } = gateway.generation;
  const caller = callers.authenticate(exchange.request.headers);
  exchange.warn(names.headerPrefix, gateway.license.warnings);
  const data = groups.visibleTo(caller).map((group) => modelItem(group, names.ownedBy));
  exchange.sendJson(200, { object: 'list', data, models: data });
}
