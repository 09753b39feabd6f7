// A tool call as a chat caller expects it: a function call, or a custom one when the tool was offered as such.
import type { JsonObject } from '../../http/read-body.js';
import type { Ask, ToolCallPart } from '../conversation.js';
import { toolNamed } from '../dialect.js';
import { freeformInput } from '../tool-arguments.js';

/** The caller's own name of a custom tool; null for a function. */
export function customNameOf(ask: Ask, name: string): string | null {
  const origin = toolNamed(ask.tools, name)?.origin ?? null;
  return origin?.type === 'custom' ? origin.name : null;
}

export function writtenCall(ask: Ask, { id, name, arguments: text }: Omit<ToolCallPart, 'kind'>): JsonObject {
  const custom = customNameOf(ask, name);
  return custom === null
    ? { id, type: 'function', function: { name, arguments: text } }
    : { id, type: 'custom', custom: { name: custom, input: freeformInput(text) } };
}
