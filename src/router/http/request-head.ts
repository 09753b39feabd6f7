// What node:http lets pass in the head of a request and this router refuses: a host that is missing or said twice (RFC 9112, 3.2),
// and an upgrade to a web socket. Every other upgrade is passed over, as RFC 9110 (7.8) lets a server do.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { GatewayError } from '../gateway-error.js';

/** @throws GatewayError `invalid-request`, `upgrade-unsupported` */
export function refuseUnfitHead({ headers, httpVersion, rawHeaders }: IncomingMessage): void {
  const hosts = hostsIn(rawHeaders);
  if (hosts === 0 && httpVersion === '1.1') throw new GatewayError('invalid-request', 'the header Host is missing');
  if (hosts > 1) throw new GatewayError('invalid-request', 'the header Host is there more than once; send it once');
  // Agents that try a web socket first go on with plain requests when they are told at once.
  if (asksForUpgrade(headers) && names(headers.upgrade ?? '').includes('websocket'))
    throw new GatewayError('upgrade-unsupported', 'ask by plain HTTP requests', { headers: { Connection: 'close' } });
}

/** Names and values in turn, as they came; of two hosts, `headers` keeps the first and says nothing of the other. */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  return hosts;
}

/** `Upgrade` alone is not meant for this hop. */
export function asksForUpgrade({ connection = '', upgrade }: IncomingHttpHeaders): boolean {
  return upgrade !== undefined && names(connection).includes('upgrade');
}

/** The members of a list, without their versions. */
function names(list: string): readonly string[] {
  return list.split(',').map((member) => (member.split('/')[0] ?? '').trim().toLowerCase());
}
