// The arguments of a tool call as the dialects carry them: JSON text, an object, or, for freeform tools, any text. A freeform tool
// becomes a function with one string, and its calls become text again.
import { isTooDeep } from '../http/nesting.js';
import { isJsonObject, type JsonObject } from '../http/read-body.js';

export function freeformArguments(input: string): string {
  return JSON.stringify({ input });
}

/** The text that a freeform tool was called with; what is no such JSON is taken as the text itself. */
export function freeformInput(text: string): string {
  const value = parsed(text);
  return isJsonObject(value) && typeof value['input'] === 'string' ? value['input'] : text;
}

/**
 * Arguments as the object that the Messages dialect and tool search demand. Text that is no JSON object, for example because the
 * answer was cut at its cap, is handed on whole in one member, so that the tool refuses it instead of running without arguments.
 */
export function argumentsObject(text: string): JsonObject {
  if (text.trim() === '') return {};
  const value = parsed(text);
  return isJsonObject(value) ? value : { unparsed_arguments: text };
}

/** Whether the text is a whole JSON value. */
export function isWholeJson(text: string): boolean {
  return parsed(text) !== undefined;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value, text.length) ? undefined : value;
  } catch {
    return undefined;
  }
}
