// Passes a whole, unstreamed answer on: read, checked to be one, metered, and sent as it came or in the caller's dialect.
import { GatewayError } from '../gateway-error.js';
import type { Relay } from './relay.js';
import type { RequestRecord } from './request-record.js';

export function relayPlainAnswer(record: RequestRecord, relay: Relay, bytes: Buffer, onFirstByte: () => void): Buffer {
  relay.row.response_bytes = bytes.length;
  const reply = relay.spoken.readReply(parsed(bytes));
  for (const part of reply.parts) record.meter?.addAnswer(part.kind === 'text' ? part.text : part.name + part.arguments);
  record.meter?.report(reply.usage);
  const sent = relay.spoken === relay.dialect ? bytes : Buffer.from(JSON.stringify(relay.dialect.writeReply(reply, relay.frame)));
  onFirstByte();
  record.firstByte();
  record.exchange.sendText(200, sent);
  return sent;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new GatewayError('upstream-failed', 'the upstream did not answer with JSON', {
      errorClass: 'upstream_bad_answer',
      retryable: true,
    });
  }
}
