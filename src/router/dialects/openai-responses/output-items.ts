// The items of an answer in the Responses dialect, and calls spelt the way their tool was offered.
import type { JsonObject } from '../../http/read-body.js';
import type { Ask, ToolCallPart } from '../conversation.js';
import { type ReplyFrame, toolNamed } from '../dialect.js';
import { argumentsObject, freeformInput } from '../tool-arguments.js';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function textPart(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function itemId(prefix: string, { requestId }: ReplyFrame, index: number): string {
  return `${prefix}_${requestId.replace(/^req_/, '')}${index}`;
}

/** Without text, a message that has yet to be written. */
export function messageItem(id: string, text: string | null, status: ItemStatus): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content: text === null ? [] : [textPart(text)] };
}

const prefixes = { function: 'fc', custom: 'ctc', tool_search: 'tsc' } as const;

export type CallType = keyof typeof prefixes;

export function callTypeOf(ask: Ask, name: string): CallType {
  return toolNamed(ask.tools, name)?.origin?.type ?? 'function';
}

export function callItemId(type: CallType, frame: ReplyFrame, index: number): string {
  return itemId(prefixes[type], frame, index);
}

export function callItem(ask: Ask, id: string, call: Omit<ToolCallPart, 'kind'>, status: ItemStatus): JsonObject {
  const origin = toolNamed(ask.tools, call.name)?.origin ?? null;
  const named = {
    call_id: call.id,
    name: origin?.name ?? call.name,
    ...(origin === null || origin.namespace === null ? {} : { namespace: origin.namespace }),
  };
  switch (origin?.type ?? 'function') {
    case 'function':
      return { id, type: 'function_call', status, ...named, arguments: call.arguments };
    case 'custom':
      return { id, type: 'custom_tool_call', status, ...named, input: freeformInput(call.arguments) };
    case 'tool_search':
      return {
        id,
        type: 'tool_search_call',
        call_id: call.id,
        execution: 'client',
        status,
        arguments: argumentsObject(call.arguments),
      };
  }
}
