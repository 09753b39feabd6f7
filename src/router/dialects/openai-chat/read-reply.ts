// Reads a provider's whole chat completion.
import { isJsonObject } from '../../http/read-body.js';
import type { Reply, StopReason, TextPart, TokenUsage, ToolCallPart } from '../conversation.js';
import { statedFailure, unreadable } from '../provider-failure.js';
import { usageOf } from '../reported-usage.js';
import { chatToolCallOf } from './read-tools.js';

export function readChatReply(body: unknown): Reply {
  const what = 'did not answer with a chat completion';
  if (!isJsonObject(body)) throw unreadable(what);
  const failure = statedFailure(body);
  if (failure !== null) throw failure;
  if (!Array.isArray(body['choices']) || body['choices'].length === 0) throw unreadable(what);
  const parts: (TextPart | ToolCallPart)[] = [];
  let finish: unknown = null;
  for (const choice of body['choices']) {
    if (!isJsonObject(choice)) throw unreadable(what);
    const { message } = choice;
    const broken = statedFailure(choice);
    if (broken !== null) throw broken;
    if (!isJsonObject(message)) throw unreadable(what);
    if (typeof choice['finish_reason'] !== 'string') throw unreadable('did not say why its answer ended');
    for (const said of [message['content'], message['refusal']]) {
      const text = chatTextOf(said);
      if (text === null) throw unreadable(what);
      if (text !== '') parts.push({ kind: 'text', text });
    }
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

/** Some providers send a list of parts where the vendor has a string; thoughts among them are no part of the text. Null: neither. */
export function chatTextOf(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (content === undefined || content === null) return '';
  if (!Array.isArray(content) || !content.every(isJsonObject)) return null;
  return content.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
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
