// Passes a whole, unstreamed answer on: read, checked to be one, metered, and sent as it came or in the caller's dialect.
import type { Readable } from 'node:stream';
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

/** By events, since an iterator over a body of one piece costs as much as the body. */
function readAll(body: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxAnswerBytes) return;
      const tooLarge = { errorClass: 'upstream_bad_answer', retryable: true } as const;
      body.destroy(new GatewayError('upstream-failed', 'the upstream sent an answer that is too large', tooLarge));
    });
    body.once('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
    body.once('error', reject);
  });
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
