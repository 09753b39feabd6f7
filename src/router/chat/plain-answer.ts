// Passes a whole, unstreamed answer on: read, checked to be a chat completion, metered, and sent as it came.
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { isJsonObject } from '../http/read-body.js';
import type { UpstreamAnswer } from '../upstream-client.js';
import type { TokenMeter } from './token-meter.js';
import type { UsageNote } from './usage-note.js';

const maxAnswerBytes = 64 * 1024 * 1024;

export async function relayPlainAnswer(answer: UpstreamAnswer, exchange: Exchange, meter: TokenMeter, note: UsageNote): Promise<void> {
  const bytes = await readAll(answer.body);
  const completion = parseCompletion(bytes);
  for (const choice of completion.choices)
    if (isJsonObject(choice) && isJsonObject(choice['message'])) meter.addAnswer(choice['message']['content']);
  meter.report(completion.usage);
  note.firstByte();
  exchange.sendText(200, bytes);
}

async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new GatewayError('upstream-failed', 'the upstream sent an answer that is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseCompletion(bytes: Buffer): { readonly choices: readonly unknown[]; readonly usage: unknown } {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isJsonObject(value) && Array.isArray(value['choices'])) return { choices: value['choices'], usage: value['usage'] };
  } catch {
    // Answered below, like any other answer that is not a completion.
  }
  throw new GatewayError('upstream-failed', 'the upstream did not answer with a chat completion');
}
