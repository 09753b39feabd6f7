// Reads the tools of the Messages dialect and which of them must be called. A tool without a schema of its own is one that the
// provider runs or that only its models know.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Tool, ToolChoice } from '../conversation.js';
import type { Losses } from '../losses.js';
import { flagOf, listOf, nameOf, refuse } from '../members.js';
import { publishedType } from '../published-types.js';

export function messagesToolsOf(body: JsonObject, losses: Losses): Tool[] {
  return listOf(body, 'tools').flatMap((tool, index) => {
    const at = `tools[${index}]`;
    const type = tool['type'] ?? 'custom';
    if (typeof type !== 'string') return refuse(`${at}.type`, 'a string');
    if ((tool['cache_control'] ?? null) !== null) losses.hint('cache_control');
    if (type !== 'custom') {
      losses.host(publishedType(type));
      return [];
    }
    const { description, input_schema: schema } = tool;
    if (!isJsonObject(schema)) return refuse(`${at}.input_schema`, 'an object');
    return [
      {
        name: nameOf(tool, 'name', at),
        description: typeof description === 'string' ? description : null,
        parameters: schema,
        strict: tool['strict'] === true,
        origin: null,
      },
    ];
  });
}

interface Choice {
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean | null;
}

const words: Readonly<Record<string, ToolChoice>> = { auto: 'auto', any: 'required', none: 'none' };

export function messagesToolChoiceOf(choice: JsonObject | null, losses: Losses): Choice {
  if (choice === null) return { toolChoice: 'auto', parallelTools: null };
  const type = nameOf(choice, 'type', 'tool_choice');
  const parallelTools = flagOf(choice, 'disable_parallel_tool_use') === true ? false : null;
  if (type === 'tool') return { toolChoice: { name: nameOf(choice, 'name', 'tool_choice') }, parallelTools };
  const word = Object.hasOwn(words, type) ? words[type] : undefined;
  if (word === undefined) losses.need(`tool_choice.${publishedType(type)}`);
  return { toolChoice: word ?? 'auto', parallelTools };
}
