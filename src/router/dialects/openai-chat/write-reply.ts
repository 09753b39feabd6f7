// Writes a whole chat completion for a caller whose answer came in another dialect.
import type { JsonObject } from '../../http/read-body.js';
import type { Reply, StopReason, TokenUsage } from '../conversation.js';
import type { ReplyFrame } from '../dialect.js';
import { writtenCall } from './written-calls.js';

export function writeChatReply(reply: Reply, frame: ReplyFrame): JsonObject {
  const text = reply.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  const calls = reply.parts.flatMap((part) => (part.kind === 'tool-call' ? [writtenCall(frame.ask, part)] : []));
  const message = { role: 'assistant', content: text === '' && calls.length > 0 ? null : text, refusal: null };
  return {
    id: chatId(frame),
    object: 'chat.completion',
    created: frame.createdS,
    model: frame.model,
    choices: [
      {
        index: 0,
        message: calls.length === 0 ? message : { ...message, tool_calls: calls },
        logprobs: null,
        finish_reason: finishReasonOf(reply.stop),
      },
    ],
    ...(reply.usage === null ? {} : { usage: chatUsage(reply.usage) }),
  };
}

export function chatId({ requestId }: ReplyFrame): string {
  return `chatcmpl-${requestId.replace(/^req_/, '')}`;
}

export function finishReasonOf(stop: StopReason): string {
  const reasons: Record<StopReason, string> = {
    end: 'stop',
    'stop-sequence': 'stop',
    length: 'length',
    'tool-calls': 'tool_calls',
    'content-filter': 'content_filter',
  };
  return reasons[stop];
}

export function chatUsage(usage: TokenUsage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}
