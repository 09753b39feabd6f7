// Reads the tools of the Responses dialect wherever they stand: in the request, in an `additional_tools` item, or found by a search
// that the client ran. Functions, freeform tools, those of a namespace and the client's tool search become plain functions.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Tool, ToolChoice } from '../conversation.js';
import { describedFreeform, freeformParameters } from '../freeform-tool.js';
import type { Losses } from '../losses.js';
import { nameOf, objectsOf, refuse } from '../members.js';
import { publishedType } from '../published-types.js';
import { plainToolName } from '../tool-names.js';

export const toolSearchName = 'tool_search';

const anything: JsonObject = { type: 'object', properties: {} };

export class ResponsesTools {
  readonly #losses: Losses;
  readonly #tools = new Map<string, Tool>();

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  all(): readonly Tool[] {
    return [...this.#tools.values()];
  }

  /** Returns the names under which the tools are offered to other dialects. */
  add(tools: unknown, at: string): readonly string[] {
    return objectsOf(tools, at).flatMap((tool, index) => this.#addOne(tool, null, `${at}[${index}]`));
  }

  #addOne(tool: JsonObject, namespace: string | null, at: string): readonly string[] {
    const type = nameOf(tool, 'type', at);
    if (type === 'namespace' && namespace === null) {
      const name = nameOf(tool, 'name', at);
      return objectsOf(tool['tools'] ?? [], `${at}.tools`).flatMap((each, index) => this.#addOne(each, name, `${at}.tools[${index}]`));
    }
    if (type === 'function') return this.#keep(functionOf(tool, namespace, at));
    if (type === 'custom') return this.#keep(customOf(tool, namespace, at));
    if (type === 'tool_search' && tool['execution'] === 'client') return this.#keep(toolSearchOf(tool));
    this.#losses.host(publishedType(type));
    return [];
  }

  #keep(tool: Tool): readonly string[] {
    this.#tools.set(tool.name, tool);
    return [tool.name];
  }
}

function functionOf(tool: JsonObject, namespace: string | null, at: string): Tool {
  const name = nameOf(tool, 'name', at);
  const plain = plainToolName(namespace, name);
  return {
    name: plain,
    description: wordsIn(tool),
    parameters: isJsonObject(tool['parameters']) ? tool['parameters'] : anything,
    strict: tool['strict'] === true,
    origin: plain === name ? null : { type: 'function', name, namespace },
  };
}

function customOf(tool: JsonObject, namespace: string | null, at: string): Tool {
  const name = nameOf(tool, 'name', at);
  const format = isJsonObject(tool['format']) && tool['format']['type'] === 'grammar' ? tool['format'] : null;
  return {
    name: plainToolName(namespace, name),
    description: describedFreeform(tool['description'], format),
    parameters: freeformParameters,
    strict: false,
    origin: { type: 'custom', name, namespace },
  };
}

function toolSearchOf(tool: JsonObject): Tool {
  return {
    name: toolSearchName,
    description: wordsIn(tool) ?? 'Searches for further tools.',
    parameters: isJsonObject(tool['parameters']) ? tool['parameters'] : anything,
    strict: false,
    origin: { type: 'tool_search', name: toolSearchName, namespace: null },
  };
}

function wordsIn({ description }: JsonObject): string | null {
  return typeof description === 'string' ? description : null;
}

export function responsesToolChoiceOf(choice: unknown, losses: Losses): ToolChoice {
  if (choice === null) return 'auto';
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  if (!isJsonObject(choice) || typeof choice['type'] !== 'string')
    return refuse('tool_choice', 'auto, none, required or an object with a type');
  const { type, namespace } = choice;
  if (type === 'function' || type === 'custom')
    return { name: plainToolName(typeof namespace === 'string' ? namespace : null, nameOf(choice, 'name', 'tool_choice')) };
  losses.need(`tool_choice.${publishedType(type)}`);
  return 'auto';
}
