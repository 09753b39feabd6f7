// Reads a request of Anthropic's Messages API as strictly as the API itself is said to
// (https://docs.claude.com/en/api/messages), with the system turns between others that Claude Code sends.
import { type Asked, demandPairs, type OfferedTool, type Outcome, type Picture, type Turn } from './asked.js';
import { isObject, type JsonObject, objectsOf, textOf } from './json-object.js';
import { demandName, refuseForeign, stopsOf, wholeNumber } from './request-members.js';
import { pictureOfBytes, pictureOfUrl } from './request-pictures.js';
import { UpstreamRefusal } from './upstream-refusal.js';

const foreign = ['input', 'instructions', 'max_completion_tokens', 'max_output_tokens', 'n', 'response_format', 'stop', 'stream_options'];

/** @throws UpstreamRefusal */
export function readMessages(body: JsonObject): Asked {
  if (wholeNumber(body, 'max_tokens') === null) throw new UpstreamRefusal('max_tokens is missing');
  return readCountable(body);
}

/** A request whose tokens are to be counted needs no cap. @throws UpstreamRefusal */
export function readCountable(body: JsonObject): Asked {
  refuseForeign(body, foreign);
  if (body['thread'] !== undefined) throw new UpstreamRefusal('threads are not kept here');
  if (!Array.isArray(body['messages']) || body['messages'].length === 0)
    throw new UpstreamRefusal('messages must be an array that is not empty');
  const system = body['system'] === undefined ? [] : [plainTurn('system', blocksOf(body['system']))];
  const spoken = body['messages'].map(turnOf);
  if (spoken[0]?.role === 'assistant') throw new UpstreamRefusal('the first message must be of the user');
  const turns = [...system, ...spoken];
  demandPairs(turns, true);
  const tools = objectsOf(body['tools']);
  const choice = body['tool_choice'];
  return {
    model: textOf(body['model']),
    stream: body['stream'] === true,
    streamsUsage: true,
    turns,
    tools: tools.flatMap(toolOf),
    hostedTools: tools.flatMap(({ type }) => (isClientTool(type) ? [] : [textOf(type)])),
    toolText: tools.length === 0 ? '' : JSON.stringify(tools),
    choice: choiceOf(choice),
    parallel: !(isObject(choice) && choice['disable_parallel_tool_use'] === true),
    cap: wholeNumber(body, 'max_tokens'),
    stops: stopsOf(body['stop_sequences']),
    format: formatOf(body['output_config']),
    choices: 1,
    caches: JSON.stringify(body).includes('"cache_control"'),
  };
}

function turnOf(message: unknown): Turn {
  if (!isObject(message)) throw new UpstreamRefusal('a message must be an object');
  const { role } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'system') throw new UpstreamRefusal('messages[].role is none of those known');
  return plainTurn(role, blocksOf(message['content']));
}

function blocksOf(content: unknown): readonly JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content) || !content.every(isObject)) throw new UpstreamRefusal('content must be text or an array of blocks');
  return content;
}

function plainTurn(role: Turn['role'], blocks: readonly JsonObject[]): Turn {
  const texts: string[] = [];
  const pictures: Picture[] = [];
  const calls: { id: string; text: string }[] = [];
  const outcomes: Outcome[] = [];
  for (const block of blocks) {
    const { type } = block;
    if (type === 'text') texts.push(demandText(block['text']));
    else if (type === 'image' && role === 'user') pictures.push(pictureOf(block['source']));
    else if (type === 'tool_use' && role === 'assistant') calls.push(callOf(block));
    else if (type === 'tool_result' && role === 'user') outcomes.push(outcomeOf(block));
    else if ((type !== 'thinking' && type !== 'redacted_thinking') || role !== 'assistant')
      throw new UpstreamRefusal('a block is of no type that its role may have');
  }
  return { role, texts, pictures, calls, outcomes };
}

function demandText(text: unknown): string {
  if (typeof text !== 'string' || text === '') throw new UpstreamRefusal('a text block must hold text');
  return text;
}

function pictureOf(source: unknown): Picture {
  if (isObject(source) && source['type'] === 'url') return pictureOfUrl(source['url']);
  if (!isObject(source) || source['type'] !== 'base64') throw new UpstreamRefusal('the source of a picture is of no known type');
  return pictureOfBytes(source['media_type'], source['data']);
}

function callOf({ id, name, input }: JsonObject): { id: string; text: string } {
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]+$/.test(id)) throw new UpstreamRefusal('tool_use.id must be of letters, digits, _ and -');
  if (!isObject(input)) throw new UpstreamRefusal('tool_use.input must be an object');
  return { id, text: demandName(name) + JSON.stringify(input) };
}

function outcomeOf(block: JsonObject): Outcome {
  const content = block['content'] === undefined ? [] : blocksOf(block['content']);
  const pictures: Picture[] = [];
  let text = '';
  for (const part of content) {
    if (part['type'] === 'text') text += textOf(part['text']);
    else if (part['type'] === 'image') pictures.push(pictureOf(part['source']));
    else throw new UpstreamRefusal('a tool result may hold text and pictures only');
  }
  return { callId: textOf(block['tool_use_id']), text, pictures };
}

function isClientTool(type: unknown): boolean {
  return type === undefined || type === 'custom';
}

function toolOf(tool: JsonObject): OfferedTool[] {
  if (!isClientTool(tool['type'])) return [];
  const schema = tool['input_schema'];
  if (!isObject(schema) || schema['type'] !== 'object')
    throw new UpstreamRefusal('tools[].input_schema must be a JSON Schema of type object');
  return [{ name: demandName(tool['name']), namespace: null, schema, description: textOf(tool['description']) }];
}

function choiceOf(choice: unknown): Asked['choice'] {
  if (choice === undefined) return 'auto';
  const type = isObject(choice) ? choice['type'] : null;
  if (type === 'auto' || type === 'none') return type;
  if (type === 'any') return 'required';
  if (!isObject(choice) || type !== 'tool') throw new UpstreamRefusal('tool_choice.type is none of those known');
  return { name: textOf(choice['name']) };
}

function formatOf(config: unknown): Asked['format'] {
  const format = isObject(config) ? config['format'] : null;
  return isObject(format) && isObject(format['schema']) ? format['schema'] : null;
}
