// The router's life: listen, answer, and on drain refuse new work, let the work in flight end up to a limit, write the last
// usage rows and close. Probes are answered to the very end, so that a load balancer sees `draining` and not a refused connection.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadedConfig } from './config/config-file.js';
import { configWarnings } from './config/config-warnings.js';
import { createGateway, type Gateway } from './gateway.js';
import { GatewayError } from './gateway-error.js';
import { BrokenRequests } from './http/broken-requests.js';
import { Exchange } from './http/exchange.js';
import { asksForUpgrade } from './http/request-head.js';
import type { Clock } from './limits/clock.js';
import type { Log } from './log.js';
import type { Release } from './release.js';
import { type Reloaded, reload } from './reload.js';
import { dispatch } from './routes.js';
import type { UsageBooks } from './usage/usage-books.js';

export interface ServeOptions {
  readonly configPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly release: Release;
  readonly log: Log;
  /** What limits go by; the system's when left out. */
  readonly clock?: Clock;
}

export interface RunningRouter {
  readonly url: string;
  /** Ends the router; resolves when everything is written. True when no usage row was lost. */
  drain(): Promise<boolean>;
  /** Puts the config file in force as it is now. @throws GatewayError `config-invalid`, and nothing changed */
  reload(): Promise<Reloaded>;
}

/** What is there before the rest of the router is. */
export interface Begun extends ServeOptions {
  readonly loaded: LoadedConfig;
  readonly books: UsageBooks;
}

export async function run(begun: Begun): Promise<RunningRouter> {
  const { loaded, configPath, environment, release, log } = begun;
  const { config } = loaded;
  const gateway = await createGateway(begun);
  const server = listenerOf(gateway);
  try {
    server.listen(config.listen.port, config.listen.host);
    await once(server, 'listening');
  } catch (error) {
    await Promise.all([gateway.books.close(0), gateway.upstreams.close()]);
    throw error;
  }
  const url = urlOf(server, config.listen.host);
  for (const warning of configWarnings(configPath, loaded, environment)) log.warn({ warning }, 'config');
  log.info({ url, version: release.version, commit: release.commit }, 'listening');
  let ending: Promise<boolean> | null = null;
  return { url, drain: () => (ending ??= drain(gateway, server)), reload: () => reload(gateway) };
}

function listenerOf(gateway: Gateway): Server {
  const { request_timeout_ms: requestTimeout } = gateway.generation.config.limits;
  const broken = new BrokenRequests(gateway.metrics);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    broken.begin(request, response);
    const exchange = new Exchange(request, response);
    // What node:http has read behind a request for an upgrade is lost with it; its caller must send that on a connection of its own.
    if (gateway.activity.draining || asksForUpgrade(request.headers)) response.shouldKeepAlive = false;
    exchange.closeWhenUnread(gateway.generation.config.limits.unread_ms);
    void answer(gateway, exchange);
  };
  const server = createServer(
    {
      requestTimeout,
      // By default Node looks only every 30 seconds for requests that take too long.
      connectionsCheckingInterval: Math.max(50, Math.min(1000, requestTimeout)),
      keepAliveTimeout: 65_000,
      // Node's own refusal would have neither a body nor a request id; ours is made where requests are answered.
      requireHostHeader: false,
    },
    onRequest,
  );
  // An expectation that is not known may be passed over (RFC 9110, 10.1.1).
  server.on('checkExpectation', onRequest);
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => broken.refuse(error, socket));
  // Without a listener for upgrades, requests for one are requests like all others.
  server.on('connect', (_request, socket: Socket) => broken.refuseTunnel(socket));
  return server;
}

async function answer(gateway: Gateway, exchange: Exchange): Promise<void> {
  try {
    await dispatch(gateway, exchange);
  } catch (error) {
    const known = error instanceof GatewayError;
    if (!known)
      gateway.log.error({ request_id: exchange.requestId, error: error instanceof Error ? error.name : typeof error }, 'internal error');
    const refusal = known ? error : new GatewayError('internal-error', 'the router failed; see its log');
    gateway.metrics.refused(refusal.code);
    exchange.sendError(refusal);
  }
}

async function drain(gateway: Gateway, server: Server): Promise<boolean> {
  const { activity, log } = gateway;
  const { config } = gateway.generation;
  activity.draining = true;
  log.info({ in_flight: activity.inFlight }, 'draining');
  const endMs = Date.now() + config.limits.drain_ms;
  while (activity.inFlight > 0 && Date.now() < endMs) await sleep(10);
  const cut = activity.inFlight;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  if (cut > 0) server.closeAllConnections();
  // What is left are connections that have not asked yet and probes whose answer is on its way out.
  const patience = setTimeout(() => server.closeAllConnections(), 50);
  await closed;
  clearTimeout(patience);
  while (activity.inFlight > 0) await sleep(10);
  await gateway.license.close();
  await gateway.reports.close();
  const lost = await gateway.books.close();
  await gateway.upstreams.close();
  log.info({ cut_off: cut, usage_rows_lost: lost }, 'stopped');
  return lost === 0;
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
