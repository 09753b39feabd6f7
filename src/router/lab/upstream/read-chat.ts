// Reads a request of OpenAI's Chat Completions API as strictly as the API itself is said to
// (https://platform.openai.com/docs/api-reference/chat/create).
import { type Asked, demandPairs, type OfferedTool, type Outcome, type Picture, type Turn } from './asked.js';
import { isObject, type JsonObject, objectsOf, textOf } from './json-object.js';
import { demandName, refuseForeign, stopsOf, wholeNumber } from './request-members.js';
import { pictureOfUrl } from './request-pictures.js';
import { UpstreamRefusal } from './upstream-refusal.js';

const foreign = ['input', 'instructions', 'max_output_tokens', 'stop_sequences', 'system'];

/** @throws UpstreamRefusal */
export function readChat(body: JsonObject): Asked {
  refuseForeign(body, foreign);
  if (!Array.isArray(body['messages']) || body['messages'].length === 0)
    throw new UpstreamRefusal('messages must be an array that is not empty');
  const turns = body['messages'].map(turnOf);
  demandPairs(turns, true);
  const tools = objectsOf(body['tools']);
  const options = body['stream_options'];
  if (isObject(options) && body['stream'] !== true) throw new UpstreamRefusal('stream_options is only for streams');
  return {
    model: textOf(body['model']),
    stream: body['stream'] === true,
    streamsUsage: isObject(options) && options['include_usage'] === true,
    turns,
    tools: tools.map(toolOf),
    hostedTools: [],
    toolText: tools.length === 0 ? '' : JSON.stringify(tools),
    choice: choiceOf(body['tool_choice'], tools),
    parallel: body['parallel_tool_calls'] !== false,
    cap: wholeNumber(body, 'max_completion_tokens') ?? wholeNumber(body, 'max_tokens'),
    stops: stopsOf(body['stop']),
    format: formatOf(body['response_format']),
    choices: wholeNumber(body, 'n') ?? 1,
    caches: true,
  };
}

function turnOf(message: unknown): Turn {
  if (!isObject(message)) throw new UpstreamRefusal('a message must be an object');
  const role = textOf(message['role']);
  if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(role))
    throw new UpstreamRefusal('messages[].role is none of those known');
  const calls = objectsOf(message['tool_calls']);
  if (calls.length > 0 && role !== 'assistant') throw new UpstreamRefusal('only the assistant makes tool calls');
  const { texts, pictures } = contentOf(message['content'], calls.length > 0);
  if (pictures.length > 0 && role !== 'user') throw new UpstreamRefusal('only the user sends pictures');
  const outcome: Outcome | null = role === 'tool' ? { callId: textOf(message['tool_call_id']), text: texts.join(''), pictures: [] } : null;
  return {
    role: role === 'tool' ? 'user' : role === 'developer' ? 'system' : (role as Turn['role']),
    texts: outcome === null ? texts : [],
    pictures,
    calls: calls.map(callOf),
    outcomes: outcome === null ? [] : [outcome],
  };
}

function contentOf(content: unknown, mayMiss: boolean): { texts: string[]; pictures: Picture[] } {
  if (typeof content === 'string') return { texts: [content], pictures: [] };
  if ((content === null || content === undefined) && mayMiss) return { texts: [], pictures: [] };
  if (!Array.isArray(content)) throw new UpstreamRefusal('messages[].content must be text or an array of parts');
  const texts: string[] = [];
  const pictures: Picture[] = [];
  for (const part of content) {
    const type = isObject(part) ? part['type'] : null;
    if (isObject(part) && (type === 'text' || type === 'refusal')) texts.push(textOf(part[type]));
    else if (isObject(part) && type === 'image_url')
      pictures.push(pictureOfUrl(isObject(part['image_url']) ? part['image_url']['url'] : null));
    else throw new UpstreamRefusal('a part of messages[].content is of no known type');
  }
  return { texts, pictures };
}

function callOf(call: JsonObject): { id: string; text: string } {
  const run = call['type'] === 'custom' ? call['custom'] : call['function'];
  const input = isObject(run) ? (run['arguments'] ?? run['input']) : null;
  if (!isObject(run) || typeof input !== 'string' || textOf(call['id']) === '')
    throw new UpstreamRefusal('a tool call lacks its id, name or arguments');
  return { id: textOf(call['id']), text: demandName(run['name']) + input };
}

function toolOf(tool: JsonObject): OfferedTool {
  const { type } = tool;
  const described = type === 'function' ? tool['function'] : type === 'custom' ? tool['custom'] : null;
  if (!isObject(described)) throw new UpstreamRefusal('tools[].type must be function or custom, with a member of that name');
  const parameters = described['parameters'];
  if (parameters !== undefined && !isObject(parameters)) throw new UpstreamRefusal('tools[].function.parameters must be a JSON Schema');
  return {
    name: demandName(described['name']),
    namespace: null,
    schema: type === 'custom' ? null : (parameters ?? { type: 'object' }),
    description: textOf(described['description']),
  };
}

function choiceOf(choice: unknown, tools: readonly JsonObject[]): Asked['choice'] {
  if (choice === undefined || choice === null) return 'auto';
  if (tools.length === 0) throw new UpstreamRefusal('tool_choice is only allowed with tools');
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice;
  if (!isObject(choice)) throw new UpstreamRefusal('tool_choice is none of those known');
  const named = choice['function'] ?? choice['custom'];
  return isObject(named) ? { name: textOf(named['name']) } : 'auto';
}

function formatOf(format: unknown): Asked['format'] {
  if (!isObject(format) || format['type'] === 'text') return null;
  const described = format['json_schema'];
  if (format['type'] === 'json_object') return 'any';
  if (!isObject(described) || typeof described['name'] !== 'string')
    throw new UpstreamRefusal('response_format.json_schema lacks its name');
  return isObject(described['schema']) ? described['schema'] : 'any';
}
