// Passes a whole, unstreamed answer on: read, checked to be one, metered, and sent as it came or in the caller's dialect.
import { GatewayError } from '../gateway-error.js';
import type { UpstreamAnswer } from '../upstream/upstream-client.js';
import type { Relay } from './relay.js';
import type { RequestRecord } from './request-record.js';

const maxAnswerBytes = 64 * 1024 * 1024;

export async function relayPlainAnswer(
  record: RequestRecord,
  relay: Relay,
  answer: UpstreamAnswer,
  onFirstByte: () => void,
): Promise<Buffer> {
  const bytes = await readAll(answer.body);
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

async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxAnswerBytes)
      throw new GatewayError('upstream-failed', 'the upstream sent an answer that is too large', {
        errorClass: 'upstream_bad_answer',
        retryable: true,
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
