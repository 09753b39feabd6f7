// Why no answer came, in words that an operator can act on: the many error codes of sockets, names, TLS and parser, sorted.
import type { Unreachable } from '../core/ports/http.js';

type Reason = Unreachable['reason'];

const known: Readonly<Record<string, readonly [Reason, string]>> = {
  ECONNREFUSED: ['refused', 'connection refused'],
  EHOSTUNREACH: ['refused', 'no route to the host'],
  ENETUNREACH: ['refused', 'no route to the network'],
  EADDRNOTAVAIL: ['refused', 'no local address for the connection'],
  ENOTFOUND: ['dns', 'the host name is not known'],
  EAI_AGAIN: ['dns', 'the name server does not answer'],
  ADDRESS_REFUSED: ['dns', 'the host name points to a link-local or metadata address, which is never asked'],
  ETIMEDOUT: ['timeout', 'the connection timed out'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'the connection was not accepted in time'],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'no answer in time'],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'the answer stalled'],
  ECONNRESET: ['reset', 'the connection was reset'],
  EPIPE: ['reset', 'the connection was reset'],
  UND_ERR_SOCKET: ['reset', 'the connection was closed before the answer was complete'],
  UND_ERR_CLOSED: ['aborted', 'the client was closed'],
  UND_ERR_DESTROYED: ['aborted', 'the client was closed'],
  UND_ERR_HEADERS_OVERFLOW: ['protocol', 'the answer has more than 16 KiB of headers'],
  HPE_HEADER_OVERFLOW: ['protocol', 'the answer has more than 16 KiB of headers'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['reset', 'the answer is shorter than it announced'],
};

const tlsCode = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO)/;

export function unreachableBecause(error: Error): Unreachable {
  const code = String((error as { code?: unknown }).code ?? '');
  const found = known[code];
  if (found !== undefined) return { kind: 'unreachable', reason: found[0], message: found[1] };
  if (tlsCode.test(code)) return { kind: 'unreachable', reason: 'tls', message: `TLS failed (${code})` };
  return { kind: 'unreachable', reason: 'protocol', message: `the answer is not HTTP (${code === '' ? error.name : code})` };
}
