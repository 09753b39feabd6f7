// Reads the tools of the chat dialect, which of them must be called, and the calls in its messages.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Tool, ToolCallPart, ToolChoice } from '../conversation.js';
import { describedFreeform, freeformParameters } from '../freeform-tool.js';
import type { Losses } from '../losses.js';
import { listOf, nameOf, refuse } from '../members.js';
import { publishedType } from '../published-types.js';
import { freeformArguments } from '../tool-arguments.js';
import { plainToolName } from '../tool-names.js';

export function chatToolsOf(body: JsonObject, losses: Losses): Tool[] {
  return listOf(body, 'tools').flatMap((tool, index) => {
    const at = `tools[${index}]`;
    const type = nameOf(tool, 'type', at);
    if (type === 'function') return [functionOf(tool['function'], `${at}.function`)];
    if (type === 'custom') return [customOf(tool['custom'], `${at}.custom`)];
    losses.host(publishedType(type));
    return [];
  });
}

function functionOf(run: unknown, at: string): Tool {
  if (!isJsonObject(run)) return refuse(at, 'an object');
  const { description, parameters } = run;
  return {
    name: nameOf(run, 'name', at),
    description: typeof description === 'string' ? description : null,
    parameters: isJsonObject(parameters) ? parameters : { type: 'object', properties: {} },
    strict: run['strict'] === true,
    origin: null,
  };
}

function customOf(custom: unknown, at: string): Tool {
  if (!isJsonObject(custom)) return refuse(at, 'an object');
  const name = nameOf(custom, 'name', at);
  const format = isJsonObject(custom['format']) ? custom['format'] : {};
  const grammar = isJsonObject(format['grammar']) ? format['grammar'] : null;
  return {
    name: plainToolName(null, name),
    description: describedFreeform(custom['description'], grammar),
    parameters: freeformParameters,
    strict: false,
    origin: { type: 'custom', name, namespace: null },
  };
}

export function chatToolChoiceOf(choice: unknown, losses: Losses): ToolChoice {
  if (choice === null) return 'auto';
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const { type } = isJsonObject(choice) ? choice : {};
  const run = isJsonObject(choice) && (type === 'function' || type === 'custom') ? choice[type] : null;
  if (isJsonObject(run)) return { name: plainToolName(null, nameOf(run, 'name', `tool_choice.${String(type)}`)) };
  if (typeof type !== 'string') return refuse('tool_choice', 'auto, none, required or an object with a type');
  losses.need(`tool_choice.${publishedType(type)}`);
  return 'auto';
}

export function chatToolCallsOf(message: JsonObject, at: string): ToolCallPart[] {
  return listOf(message, 'tool_calls', `${at}.tool_calls`).map((call, index) => {
    const where = `${at}.tool_calls[${index}]`;
    const part = chatToolCallOf(call);
    return part ?? refuse(where, 'a function call with id, name and arguments, or a custom call with id, name and input');
  });
}

/** Null for what is no call. */
export function chatToolCallOf(call: JsonObject): ToolCallPart | null {
  const { id, function: run, custom } = call;
  if (typeof id !== 'string' || id === '') return null;
  if (isJsonObject(run) && typeof run['name'] === 'string' && typeof (run['arguments'] ?? '') === 'string')
    return { kind: 'tool-call', id, name: run['name'], arguments: (run['arguments'] ?? '') as string };
  if (isJsonObject(custom) && typeof custom['name'] === 'string' && typeof custom['input'] === 'string')
    return { kind: 'tool-call', id, name: plainToolName(null, custom['name']), arguments: freeformArguments(custom['input']) };
  return null;
}
