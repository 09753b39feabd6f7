// Writes a whole message for a caller whose answer came in another dialect.
import type { JsonObject } from '../../http/read-body.js';
import type { Reply, StopReason } from '../conversation.js';
import type { ReplyFrame } from '../dialect.js';
import { argumentsObject } from '../tool-arguments.js';
import { writeMessageUsage } from './message-usage.js';

export function writeMessagesReply(reply: Reply, frame: ReplyFrame): JsonObject {
  const content = reply.parts.map((part) =>
    part.kind === 'text'
      ? { type: 'text', text: part.text, citations: null }
      : { type: 'tool_use', id: part.id, name: part.name, input: argumentsObject(part.arguments) },
  );
  return {
    ...emptyMessage(frame),
    content,
    stop_reason: messageStopOf(reply.stop),
    stop_sequence: reply.stopSequence,
    usage: writeMessageUsage(reply.usage),
  };
}

/** The message before anything was said. Its id is the request's own: agents join answers that carry the same one. */
export function emptyMessage({ requestId, model }: ReplyFrame): JsonObject {
  return {
    id: `msg_${requestId.replace(/^req_/, '')}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: writeMessageUsage(null),
  };
}

const reasons: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'stop-sequence': 'stop_sequence',
  'content-filter': 'refusal',
};

export function messageStopOf(stop: StopReason): string {
  return reasons[stop];
}
