// Reads a request of OpenAI's Responses API (https://platform.openai.com/docs/api-reference/responses/create), with the tools
// that Codex offers: functions, custom tools, namespaces, and tools that come as an item of the input.
import { type Asked, demandPairs, type OfferedTool, type Outcome, type Picture, type Turn } from './asked.js';
import { isObject, type JsonObject, objectsOf, textOf } from './json-object.js';
import { demandName, refuseForeign, wholeNumber } from './request-members.js';
import { pictureOfUrl } from './request-pictures.js';
import { UpstreamRefusal } from './upstream-refusal.js';

const foreign = ['messages', 'max_tokens', 'max_completion_tokens', 'response_format', 'stop', 'stop_sequences', 'system', 'n'];
const none: Pick<Turn, 'texts' | 'pictures' | 'calls' | 'outcomes'> = { texts: [], pictures: [], calls: [], outcomes: [] };

/** @throws UpstreamRefusal */
export function readResponses(body: JsonObject): Asked {
  refuseForeign(body, foreign);
  if (textOf(body['previous_response_id']) !== '') throw new UpstreamRefusal('no response of that id is kept', 404);
  const { input } = body;
  if (typeof input !== 'string' && !Array.isArray(input)) throw new UpstreamRefusal('input must be text or an array of items');
  const items: readonly unknown[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const spoken = items.map(turnOf).filter((turn) => turn !== null);
  const instructions = textOf(body['instructions']);
  const turns: Turn[] = [...(instructions === '' ? [] : [{ ...none, role: 'system' as const, texts: [instructions] }]), ...spoken];
  demandPairs(turns, false);
  const additional = items.filter(isObject).flatMap((item) => (item['type'] === 'additional_tools' ? objectsOf(item['tools']) : []));
  const tools = [...objectsOf(body['tools']), ...additional];
  return {
    model: textOf(body['model']),
    stream: body['stream'] === true,
    streamsUsage: true,
    turns,
    tools: tools.flatMap((tool) => toolsOf(tool, null)),
    hostedTools: tools.flatMap(({ type }) => (isClientTool(type) ? [] : [textOf(type)])),
    toolText: tools.length === 0 ? '' : JSON.stringify(tools),
    choice: choiceOf(body['tool_choice']),
    parallel: body['parallel_tool_calls'] !== false,
    cap: wholeNumber(body, 'max_output_tokens'),
    stops: [],
    format: formatOf(body['text']),
    choices: 1,
    caches: true,
  };
}

/** Null for items that say nothing: reasoning of before, and tools. */
function turnOf(item: unknown): Turn | null {
  if (!isObject(item)) throw new UpstreamRefusal('an item of input must be an object');
  const type = textOf(item['type']) || 'message';
  if (type === 'reasoning' || type === 'additional_tools') return null;
  if (type === 'message') return messageOf(item);
  const callId = textOf(item['call_id']);
  if (callId === '') throw new UpstreamRefusal('an item of input is of no known type, or lacks its call_id');
  if (type.endsWith('_call_output')) {
    const outcome: Outcome = { callId, ...outputOf(item['output'] ?? item['tools']) };
    return { ...none, role: 'user', outcomes: [outcome] };
  }
  if (!type.endsWith('_call')) throw new UpstreamRefusal('an item of input is of no known type');
  const called = item['arguments'] ?? item['input'] ?? '';
  const said = typeof called === 'string' ? called : JSON.stringify(called);
  const name = type === 'function_call' || type === 'custom_tool_call' ? demandName(item['name']) : type;
  return { ...none, role: 'assistant', calls: [{ id: callId, text: name + said }] };
}

function messageOf({ role, content }: JsonObject): Turn {
  if (role !== 'user' && role !== 'assistant' && role !== 'system' && role !== 'developer')
    throw new UpstreamRefusal('the role of an item of input is none of those known');
  if (typeof content !== 'string' && !Array.isArray(content))
    throw new UpstreamRefusal('the content of a message must be text or an array of parts');
  return {
    ...none,
    role: role === 'developer' ? 'system' : role,
    ...partsOf(content, role === 'assistant' ? 'output_text' : 'input_text'),
  };
}

function outputOf(output: unknown): { text: string; pictures: Picture[] } {
  if (!Array.isArray(output) && typeof output !== 'string')
    throw new UpstreamRefusal('the output of a call must be text or an array of parts');
  if (Array.isArray(output) && output.every((part) => isObject(part) && !['input_text', 'input_image'].includes(textOf(part['type']))))
    return { text: JSON.stringify(output), pictures: [] };
  const { texts, pictures } = partsOf(output, 'input_text');
  return { text: texts.join(''), pictures };
}

function partsOf(content: string | readonly unknown[], textType: string): { texts: string[]; pictures: Picture[] } {
  if (typeof content === 'string') return { texts: [content], pictures: [] };
  const texts: string[] = [];
  const pictures: Picture[] = [];
  for (const part of content) {
    const type = isObject(part) ? part['type'] : null;
    if (isObject(part) && type === textType) texts.push(textOf(part['text']));
    else if (isObject(part) && type === 'refusal' && textType === 'output_text') texts.push(textOf(part['refusal']));
    else if (isObject(part) && type === 'input_image' && textType === 'input_text') pictures.push(pictureOfUrl(part['image_url']));
    else throw new UpstreamRefusal('a part of a message is of no type that its role may have');
  }
  return { texts, pictures };
}

function isClientTool(type: unknown): boolean {
  return type === 'function' || type === 'custom' || type === 'namespace';
}

function toolsOf(tool: JsonObject, namespace: string | null): OfferedTool[] {
  const { type, name, description, parameters } = tool;
  if (type === 'namespace') return objectsOf(tool['tools']).flatMap((inner) => toolsOf(inner, demandName(name)));
  if (type !== 'function' && type !== 'custom') return [];
  if (type === 'function' && parameters !== undefined && parameters !== null && !isObject(parameters))
    throw new UpstreamRefusal('the parameters of a function must be a JSON Schema');
  const schema = type === 'custom' ? null : isObject(parameters) ? parameters : { type: 'object' };
  return [{ name: demandName(name), namespace, schema, description: textOf(description) }];
}

function choiceOf(choice: unknown): Asked['choice'] {
  if (choice === 'none' || choice === 'required') return choice;
  return isObject(choice) && typeof choice['name'] === 'string' ? { name: choice['name'] } : 'auto';
}

function formatOf(text: unknown): Asked['format'] {
  const format = isObject(text) ? text['format'] : null;
  if (!isObject(format) || format['type'] === 'text') return null;
  return isObject(format['schema']) ? format['schema'] : 'any';
}
