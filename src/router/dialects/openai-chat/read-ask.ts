// Reads what a caller asks in the chat dialect. Strict where the router relies on a shape; the body itself travels on.
import { GatewayError } from '../../gateway-error.js';
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Ask, ImagePart, OutputFormat, Part, RemoteImagePart, TextPart, Tool, ToolChoice, Turn } from '../conversation.js';
import { imageOfUrl } from '../images.js';
import { capOf, flagOf, listOf, modelOf, numberOf, objectOf, saying } from '../members.js';

/** Members that no other dialect can say. */
const nativeMembers = [
  'n',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'audio',
  'modalities',
  'prediction',
  'functions',
  'function_call',
] as const;
const harmless = { n: [1], logprobs: [false], top_logprobs: [0] };
/** Members without which the answer is still the one that was asked for. */
const advisoryMembers = [
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'user',
  'metadata',
  'store',
  'service_tier',
  'reasoning_effort',
  'verbosity',
  'safety_identifier',
  'prompt_cache_key',
] as const;

export function readChatAsk(body: JsonObject): Ask {
  const model = modelOf(body);
  const messages = listOf(body, 'messages');
  if (messages.length === 0) throw new GatewayError('invalid-request', '"messages" must be an array with at least one message');
  const stream = flagOf(body, 'stream') === true;
  const options = objectOf(body, 'stream_options');
  return {
    dialect: 'openai-chat',
    body,
    model,
    stream,
    wantsStreamUsage: options?.['include_usage'] === true,
    turns: messages.map((message, index) => turnOf(message, `messages[${index}]`)),
    tools: listOf(body, 'tools').map((tool, index) => toolOf(tool, `tools[${index}]`)),
    toolChoice: toolChoiceOf(body['tool_choice'] ?? null),
    parallelTools: flagOf(body, 'parallel_tool_calls'),
    maxTokens: capOf(body, 'max_completion_tokens') ?? capOf(body, 'max_tokens'),
    temperature: numberOf(body, 'temperature'),
    topP: numberOf(body, 'top_p'),
    stop: stopOf(body['stop'] ?? null),
    outputFormat: outputFormatOf(objectOf(body, 'response_format')),
    nativeOnly: saying(body, nativeMembers, harmless).map((member) => `openai-chat:${member}`),
    hostedTools: saying(body, ['web_search_options']),
    advisory: saying(body, advisoryMembers, { frequency_penalty: [0], presence_penalty: [0], store: [false] }),
  };
}

function turnOf(message: JsonObject, at: string): Turn {
  const { role } = message;
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', parts: contentOf(message['content'] ?? null, `${at}.content`) };
    case 'user':
      return { role: 'user', parts: contentOf(message['content'] ?? null, `${at}.content`) };
    case 'assistant':
      return { role: 'assistant', parts: [...contentOf(message['content'] ?? null, `${at}.content`), ...toolCallsOf(message, at)] };
    case 'tool': {
      const callId = message['tool_call_id'];
      if (typeof callId !== 'string') throw new GatewayError('invalid-request', `"${at}.tool_call_id" must be a string`);
      const content = contentOf(message['content'] ?? null, `${at}.content`);
      return { role: 'user', parts: [{ kind: 'tool-result', callId, content, failed: false }] };
    }
    default:
      throw new GatewayError('invalid-request', `"${at}.role" must be system, developer, user, assistant or tool`);
  }
}

function contentOf(content: unknown, at: string): (TextPart | ImagePart | RemoteImagePart)[] {
  if (content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) throw new GatewayError('invalid-request', `"${at}" must be a string or an array of parts`);
  return content.map((part: unknown, index) => {
    const where = `${at}[${index}]`;
    if (!isJsonObject(part)) throw new GatewayError('invalid-request', `"${where}" must be an object`);
    if (part['type'] === 'text' || part['type'] === 'refusal') {
      const text = part['text'] ?? part['refusal'];
      if (typeof text !== 'string') throw new GatewayError('invalid-request', `"${where}.text" must be a string`);
      return { kind: 'text', text };
    }
    if (part['type'] === 'image_url') {
      const image = part['image_url'];
      return imageOfUrl(isJsonObject(image) ? image['url'] : image, `${where}.image_url.url`);
    }
    throw new GatewayError('invalid-request', `"${where}.type" must be text or image_url`);
  });
}

function toolCallsOf(message: JsonObject, at: string): Part[] {
  return listOf(message, 'tool_calls').map((call, index) => {
    const run = call['function'];
    if (typeof call['id'] !== 'string' || !isJsonObject(run) || typeof run['name'] !== 'string' || typeof run['arguments'] !== 'string')
      throw new GatewayError('invalid-request', `"${at}.tool_calls[${index}]" must have an id and a function with name and arguments`);
    return { kind: 'tool-call', id: call['id'], name: run['name'], arguments: run['arguments'] };
  });
}

function toolOf(tool: JsonObject, at: string): Tool {
  const run = tool['function'];
  if (tool['type'] !== 'function' || !isJsonObject(run) || typeof run['name'] !== 'string' || run['name'] === '')
    throw new GatewayError('invalid-request', `"${at}" must be a function with a name`);
  const { description, parameters } = run;
  return {
    name: run['name'],
    description: typeof description === 'string' ? description : null,
    parameters: isJsonObject(parameters) ? parameters : { type: 'object', properties: {} },
    origin: null,
  };
}

function toolChoiceOf(choice: unknown): ToolChoice {
  if (choice === null) return 'auto';
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const run = isJsonObject(choice) ? choice['function'] : null;
  if (isJsonObject(run) && typeof run['name'] === 'string') return { name: run['name'] };
  throw new GatewayError('invalid-request', '"tool_choice" must be auto, none, required or a function with a name');
}

function stopOf(stop: unknown): readonly string[] {
  if (stop === null) return [];
  if (typeof stop === 'string') return [stop];
  if (Array.isArray(stop) && stop.every((each) => typeof each === 'string')) return stop;
  throw new GatewayError('invalid-request', '"stop" must be a string or an array of strings');
}

function outputFormatOf(format: JsonObject | null): OutputFormat | null {
  if (format === null || format['type'] === 'text') return null;
  if (format['type'] === 'json_object') return { name: 'answer', schema: null, strict: false };
  const schema = format['json_schema'];
  if (format['type'] !== 'json_schema' || !isJsonObject(schema))
    throw new GatewayError('invalid-request', '"response_format" must be text, json_object or a json_schema');
  return {
    name: typeof schema['name'] === 'string' ? schema['name'] : 'answer',
    schema: isJsonObject(schema['schema']) ? schema['schema'] : {},
    strict: schema['strict'] === true,
  };
}
