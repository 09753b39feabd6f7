// Reads a provider's whole chat completion.
import { GatewayError } from '../../gateway-error.js';
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Reply, StopReason, TextPart, TokenUsage, ToolCallPart } from '../conversation.js';
import { usageOf } from '../reported-usage.js';

export function readChatReply(body: unknown): Reply {
  if (!isJsonObject(body) || !Array.isArray(body['choices'])) throw unreadable();
  const parts: (TextPart | ToolCallPart)[] = [];
  let finish: unknown = null;
  for (const choice of body['choices']) {
    const message = isJsonObject(choice) ? choice['message'] : null;
    if (!isJsonObject(choice) || !isJsonObject(message)) throw unreadable();
    if (typeof message['content'] === 'string' && message['content'] !== '') parts.push({ kind: 'text', text: message['content'] });
    if (Array.isArray(message['tool_calls'])) parts.push(...message['tool_calls'].map(toolCallOf));
    finish ??= choice['finish_reason'];
  }
  return { parts, stop: stopReasonOf(finish), stopSequence: null, usage: chatUsageOf(body['usage']) };
}

export function chatUsageOf(usage: unknown): TokenUsage | null {
  return usageOf(usage, {
    input: 'prompt_tokens',
    output: 'completion_tokens',
    reasoning: ['completion_tokens_details', 'reasoning_tokens'],
    cached: ['prompt_tokens_details', 'cached_tokens'],
  });
}

export function stopReasonOf(finish: unknown): StopReason {
  if (finish === 'length') return 'length';
  if (finish === 'tool_calls' || finish === 'function_call') return 'tool-calls';
  return finish === 'content_filter' ? 'content-filter' : 'end';
}

function toolCallOf(call: unknown): ToolCallPart {
  const run = isJsonObject(call) ? (call['function'] as JsonObject | undefined) : undefined;
  if (!isJsonObject(call) || typeof call['id'] !== 'string' || !isJsonObject(run) || typeof run['name'] !== 'string') throw unreadable();
  return { kind: 'tool-call', id: call['id'], name: run['name'], arguments: typeof run['arguments'] === 'string' ? run['arguments'] : '' };
}

function unreadable(): GatewayError {
  return new GatewayError('upstream-failed', 'the upstream did not answer with a chat completion', {
    errorClass: 'upstream_bad_answer',
    retryable: true,
  });
}
