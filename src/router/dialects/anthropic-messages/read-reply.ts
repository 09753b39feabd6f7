// Reads a provider's whole message.
import { isJsonObject } from '../../http/read-body.js';
import type { Reply, StopReason, TextPart, ToolCallPart } from '../conversation.js';
import { failureOf, statedFailure, unreadable } from '../provider-failure.js';
import { readMessageUsage } from './message-usage.js';

export function readMessagesReply(body: unknown): Reply {
  const what = 'did not answer with a message';
  if (!isJsonObject(body)) throw unreadable(what);
  const failure = statedFailure(body) ?? (body['type'] === 'error' ? failureOf(null) : null);
  if (failure !== null) throw failure;
  if (!Array.isArray(body['content'])) throw unreadable(what);
  const { stop_sequence: sequence } = body;
  return {
    parts: body['content'].flatMap(partsOf),
    stop: stopReasonOf(body['stop_reason']),
    stopSequence: typeof sequence === 'string' ? sequence : null,
    usage: readMessageUsage(body['usage']),
  };
}

/** Thoughts, and blocks of tools that the provider ran, say nothing to a caller of another dialect. */
function partsOf(block: unknown): (TextPart | ToolCallPart)[] {
  if (!isJsonObject(block)) throw unreadable('did not answer with a message');
  const { type, text, id, name, input } = block;
  if (type === 'text' && typeof text === 'string') return text === '' ? [] : [{ kind: 'text', text }];
  if (type !== 'tool_use') return [];
  if (typeof id !== 'string' || typeof name !== 'string') throw unreadable('called a tool without id or name');
  return [{ kind: 'tool-call', id, name, arguments: JSON.stringify(input ?? {}) }];
}

const reasons: Readonly<Record<string, StopReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  stop_sequence: 'stop-sequence',
  refusal: 'content-filter',
};

export function stopReasonOf(reason: unknown): StopReason {
  return typeof reason === 'string' && Object.hasOwn(reasons, reason) ? (reasons[reason] ?? 'end') : 'end';
}
