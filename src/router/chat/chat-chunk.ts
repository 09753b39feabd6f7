// Reads one chunk of a streamed chat completion: its text, whether it finishes the answer, its usage, and what to pass on.
import { GatewayError } from '../gateway-error.js';
import { isJsonObject } from '../http/read-body.js';

export interface ChatChunk {
  readonly content: string;
  readonly finishes: boolean;
  readonly usage: unknown;
  /** The data to send to the caller; null when the chunk was only asked for by us. */
  readonly forward: string | null;
}

export function readChatChunk(data: string, wantsUsage: boolean): ChatChunk {
  const value = parseObject(data);
  if (value === null || value['error'] !== undefined || !Array.isArray(value['choices']))
    throw new GatewayError('upstream-failed', 'the upstream sent an error or something unreadable in the stream');
  const choices: unknown[] = value['choices'];
  let content = '';
  let finishes = false;
  for (const choice of choices) {
    if (!isJsonObject(choice)) continue;
    const delta = choice['delta'];
    if (isJsonObject(delta) && typeof delta['content'] === 'string') content += delta['content'];
    finishes ||= typeof choice['finish_reason'] === 'string';
  }
  const { usage, ...withoutUsage } = value;
  if (wantsUsage || usage === undefined) return { content, finishes, usage, forward: data };
  return { content, finishes, usage, forward: choices.length === 0 ? null : JSON.stringify(withoutUsage) };
}

function parseObject(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
