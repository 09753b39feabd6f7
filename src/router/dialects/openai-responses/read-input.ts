// Reads the input of the Responses dialect: a text, or items that are messages, calls and their results. Items that stand for
// state or work of the provider are needs; its reasoning is of use to nobody else.
import type { JsonObject } from '../../http/read-body.js';
import type { ContentPart, Part, Turn } from '../conversation.js';
import type { Losses } from '../losses.js';
import { nameOf, objectsOf, refuse } from '../members.js';
import { publishedType } from '../published-types.js';
import { freeformArguments } from '../tool-arguments.js';
import { plainToolName } from '../tool-names.js';
import { responsesContentOf } from './read-content.js';
import { type ResponsesTools, toolSearchName } from './read-tools.js';

const roles: Readonly<Record<string, Turn['role']>> = { system: 'system', developer: 'system', user: 'user', assistant: 'assistant' };

export class ResponsesInput {
  readonly #tools: ResponsesTools;
  readonly #losses: Losses;

  constructor(tools: ResponsesTools, losses: Losses) {
    this.#tools = tools;
    this.#losses = losses;
  }

  turnsOf(input: unknown): readonly Turn[] {
    if (typeof input === 'string') return [{ role: 'user', parts: [{ kind: 'text', text: input }] }];
    // A stored prompt or conversation may be the whole input.
    if (input === null) return [];
    if (!Array.isArray(input)) return refuse('input', 'a string or an array of items');
    return objectsOf(input, 'input').flatMap((item, index) => this.#turnsOfItem(item, `input[${index}]`));
  }

  #turnsOfItem(item: JsonObject, at: string): Turn[] {
    const type = item['type'] ?? 'message';
    switch (type) {
      case 'message':
        return [this.#message(item, at)];
      case 'function_call':
        return [
          spoken({ kind: 'tool-call', id: nameOf(item, 'call_id', at), name: callName(item, at), arguments: text(item, 'arguments', at) }),
        ];
      case 'custom_tool_call': {
        const freeform = freeformArguments(text(item, 'input', at));
        return [spoken({ kind: 'tool-call', id: nameOf(item, 'call_id', at), name: callName(item, at), arguments: freeform })];
      }
      case 'function_call_output':
      case 'custom_tool_call_output':
        return [this.#result(item, responsesContentOf(item['output'] ?? null, `${at}.output`, this.#losses), at)];
      case 'tool_search_call':
        return this.#toolSearch(item, at);
      case 'tool_search_output':
        return this.#toolSearchResult(item, at);
      case 'additional_tools':
        this.#tools.add(item['tools'] ?? [], `${at}.tools`);
        return [];
      case 'reasoning':
        this.#losses.hint('input.reasoning');
        return [];
      default:
        this.#losses.need(typeof type === 'string' ? `input.${publishedType(type)}` : refuse(`${at}.type`, 'a string'));
        return [];
    }
  }

  #message(item: JsonObject, at: string): Turn {
    const name = nameOf(item, 'role', at);
    const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
    if (role === undefined) return refuse(`${at}.role`, 'user, assistant, system or developer');
    return { role, parts: responsesContentOf(item['content'] ?? null, `${at}.content`, this.#losses) };
  }

  #result(item: JsonObject, content: readonly ContentPart[], at: string): Turn {
    return { role: 'user', parts: [{ kind: 'tool-result', callId: nameOf(item, 'call_id', at), content, failed: false }] };
  }

  /** A search that the provider ran has no id that anybody could answer. */
  #toolSearch(item: JsonObject, at: string): Turn[] {
    if (item['execution'] !== 'client') return this.#ranByProvider('tool_search_call');
    const search = JSON.stringify(item['arguments'] ?? {});
    return [spoken({ kind: 'tool-call', id: nameOf(item, 'call_id', at), name: toolSearchName, arguments: search })];
  }

  /** The tools that were found may be called from here on, so they are offered like all others. */
  #toolSearchResult(item: JsonObject, at: string): Turn[] {
    if (item['execution'] !== 'client') return this.#ranByProvider('tool_search_output');
    const found = this.#tools.add(item['tools'] ?? [], `${at}.tools`);
    const told = found.length === 0 ? 'No tools were found.' : `Tools that may be called now: ${found.join(', ')}`;
    return [this.#result(item, [{ kind: 'text', text: told }], at)];
  }

  #ranByProvider(type: string): Turn[] {
    this.#losses.need(`input.${publishedType(type)}`);
    return [];
  }
}

function spoken(part: Part): Turn {
  return { role: 'assistant', parts: [part] };
}

function callName(item: JsonObject, at: string): string {
  const { namespace } = item;
  return plainToolName(typeof namespace === 'string' ? namespace : null, nameOf(item, 'name', at));
}

function text(item: JsonObject, member: string, at: string): string {
  const value = item[member];
  return typeof value === 'string' ? value : refuse(`${at}.${member}`, 'a string');
}
