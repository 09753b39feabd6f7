// Passes a whole, unstreamed answer on: read, checked to be one, metered, and sent as it came or in the caller's dialect.
import { unreadable } from '../dialects/provider-failure.js';
import { isTooDeep } from '../http/nesting.js';
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
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw unreadable('did not answer with JSON');
  }
  if (isTooDeep(value, bytes.length)) throw unreadable('answered with JSON that is nested too deep');
  return value;
}
