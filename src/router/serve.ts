// The router's life: listen, answer, and on drain refuse new work, let the work in flight end up to a limit, write the last
// usage rows and close. Probes are answered to the very end, so that a load balancer sees `draining` and not a refused connection.
import { once } from 'node:events';
import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from './config/config-file.js';
import { modeWarnings } from './config/file-modes.js';
import { createGateway, type Gateway } from './gateway.js';
import { GatewayError, type GatewayErrorCode } from './gateway-error.js';
import { Exchange, plainErrorBody } from './http/exchange.js';
import { newRequestId } from './http/request-id.js';
import type { Clock } from './limits/clock.js';
import type { Log } from './log.js';
import type { Release } from './release.js';
import { type Reloaded, reload } from './reload.js';
import { dispatch } from './routes.js';

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

export async function serve({ configPath, environment, release, log, ...more }: ServeOptions): Promise<RunningRouter> {
  const loaded = loadConfig(configPath);
  const { config } = loaded;
  const gateway = await createGateway({ loaded, configPath, environment, release, log, ...more });
  const server = createServer({ requestTimeout: config.limits.request_timeout_ms, keepAliveTimeout: 65_000 }, (request, response) => {
    const exchange = new Exchange(request, response);
    if (gateway.activity.draining) response.shouldKeepAlive = false;
    void answer(gateway, exchange);
  });
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => refuseBrokenRequest(gateway, error, socket));
  server.on('upgrade', (_request, socket: NodeJS.WritableStream) => refuseUpgrade(gateway, socket));
  try {
    server.listen(config.listen.port, config.listen.host);
    await once(server, 'listening');
  } catch (error) {
    await Promise.all([gateway.ledger.close(0), gateway.upstreams.close()]);
    throw error;
  }
  const url = urlOf(server, config.listen.host);
  for (const warning of modeWarnings(configPath, config)) log.warn({ warning }, 'file mode');
  log.info({ url, version: release.version, commit: release.commit }, 'listening');
  let ending: Promise<boolean> | null = null;
  return { url, drain: () => (ending ??= drain(gateway, server)), reload: () => reload(gateway) };
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
  const lost = await gateway.ledger.close();
  await gateway.upstreams.close();
  log.info({ cut_off: cut, usage_rows_lost: lost }, 'stopped');
  return lost === 0;
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Agents that try a web socket first go on with plain requests when they are told at once. */
function refuseUpgrade({ metrics }: Gateway, socket: NodeJS.WritableStream): void {
  metrics.refused('upgrade-unsupported');
  const requestId = newRequestId();
  const body = `${JSON.stringify(plainErrorBody(new GatewayError('upgrade-unsupported', 'ask by plain HTTP requests'), requestId))}\n`;
  endWith(socket, 426, requestId, body);
}

/** What node:http cannot read never reaches a route; it gets the same shape of answer. */
function refuseBrokenRequest({ metrics }: Gateway, error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return;
  const codes: Record<string, GatewayErrorCode> = { HPE_HEADER_OVERFLOW: 'headers-too-large', ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout' };
  const refusal = new GatewayError(codes[error.code ?? ''] ?? 'invalid-request', 'the HTTP request could not be read');
  metrics.refused(refusal.code);
  const requestId = newRequestId();
  const body = `${JSON.stringify(plainErrorBody(refusal, requestId))}\n`;
  endWith(socket, refusal.status, requestId, body);
}

function endWith(socket: NodeJS.WritableStream, status: number, requestId: string, body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `X-Request-Id: ${requestId}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
