// Reads a provider's whole chat completion.
import { isJsonObject } from '../../http/read-body.js';
import type { Reply, StopReason, TextPart, TokenUsage, ToolCallPart } from '../conversation.js';
import { unreadable } from '../provider-failure.js';
import { usageOf } from '../reported-usage.js';
import { chatToolCallOf } from './read-tools.js';

export function readChatReply(body: unknown): Reply {
  const what = 'did not answer with a chat completion';
  if (!isJsonObject(body) || !Array.isArray(body['choices'])) throw unreadable(what);
  const parts: (TextPart | ToolCallPart)[] = [];
  let finish: unknown = null;
  for (const choice of body['choices']) {
    const message = isJsonObject(choice) ? choice['message'] : null;
    if (!isJsonObject(choice) || !isJsonObject(message)) throw unreadable(what);
    for (const text of [message['content'], message['refusal']])
      if (typeof text === 'string' && text !== '') parts.push({ kind: 'text', text });
    for (const call of Array.isArray(message['tool_calls']) ? message['tool_calls'] : []) {
      const part = isJsonObject(call) ? chatToolCallOf(call) : null;
      if (part === null) throw unreadable(what);
      parts.push(part);
    }
    finish ??= typeof message['refusal'] === 'string' && message['refusal'] !== '' ? 'content_filter' : choice['finish_reason'];
  }
  const calls = parts.some(({ kind }) => kind === 'tool-call');
  return { parts, stop: stopReasonOf(finish, calls), stopSequence: null, usage: chatUsageOf(body['usage']) };
}

export function chatUsageOf(usage: unknown): TokenUsage | null {
  return usageOf(usage, {
    input: 'prompt_tokens',
    output: 'completion_tokens',
    reasoning: ['completion_tokens_details', 'reasoning_tokens'],
    cached: ['prompt_tokens_details', 'cached_tokens'],
  });
}

/** A provider that was told which tool to call ends with `stop`; the other dialects name the reason by what the answer holds. */
export function stopReasonOf(finish: unknown, calls: boolean): StopReason {
  if (finish === 'length') return 'length';
  if (finish === 'content_filter') return 'content-filter';
  return calls || finish === 'tool_calls' || finish === 'function_call' ? 'tool-calls' : 'end';
}
