// Reads what a caller asks in the chat dialect. Strict where the router relies on a shape; the body itself travels on.
// Source: the OpenAI API reference, "Create chat completion".
import type { JsonObject } from '../../http/read-body.js';
import { isJsonObject } from '../../http/read-body.js';
import type { Ask, OutputFormat, Turn } from '../conversation.js';
import { Losses } from '../losses.js';
import { capOf, flagOf, listOf, modelOf, nameOf, numberOf, objectOf, refuse, saying, wordsOf } from '../members.js';
import { chatContentOf } from './read-content.js';
import { chatToolCallsOf, chatToolChoiceOf, chatToolsOf } from './read-tools.js';

/** Members that the answer depends on and no other dialect can say. */
const nativeMembers = [
  'n',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'audio',
  'modalities',
  'prediction',
  'moderation',
  'functions',
  'function_call',
  'store',
] as const;
const harmless = { n: [1], logprobs: [false], top_logprobs: [0], store: [false] };
/** Members without which the answer is still the one that was asked for: they tune, label or speed it up. */
const advisoryMembers = [
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'user',
  'metadata',
  'service_tier',
  'reasoning_effort',
  'verbosity',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
] as const;
const known: ReadonlySet<string> = new Set([
  ...nativeMembers,
  ...advisoryMembers,
  ...['model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'web_search_options'],
  ...['max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'stop', 'response_format'],
]);

export function readChatAsk(body: JsonObject): Ask {
  const model = modelOf(body);
  const messages = listOf(body, 'messages');
  if (messages.length === 0) refuse('messages', 'an array with at least one message');
  const losses = new Losses('openai-chat');
  const options = objectOf(body, 'stream_options');
  const said = {
    model,
    stream: flagOf(body, 'stream') === true,
    wantsStreamUsage: options?.['include_usage'] === true,
    turns: messages.flatMap((message, index) => turnOf(message, `messages[${index}]`, losses)),
    tools: chatToolsOf(body, losses),
    toolChoice: chatToolChoiceOf(body['tool_choice'] ?? null, losses),
    parallelTools: flagOf(body, 'parallel_tool_calls'),
    answers: capOf(body, 'n') ?? 1,
    maxTokens: capOf(body, 'max_completion_tokens') ?? capOf(body, 'max_tokens'),
    temperature: numberOf(body, 'temperature'),
    topP: numberOf(body, 'top_p'),
    stop: wordsOf(body, 'stop'),
    outputFormat: outputFormatOf(objectOf(body, 'response_format')),
  };
  losses.needChoice(said.toolChoice, said.tools);
  losses.need(...saying(body, nativeMembers, harmless).filter((member) => !isTextOnly(member, body[member])));
  // An empty object asks for the search too.
  if ((body['web_search_options'] ?? null) !== null) losses.host('web_search_options');
  losses.hint(...saying(body, advisoryMembers, { frequency_penalty: [0], presence_penalty: [0] }));
  losses.hintUnknown(body, known);
  return { dialect: 'openai-chat', body, ...said, ...losses.lists() };
}

/** `modalities: ["text"]` asks for what every dialect answers. */
function isTextOnly(member: string, value: unknown): boolean {
  return member === 'modalities' && Array.isArray(value) && value.every((each) => each === 'text');
}

function turnOf(message: JsonObject, at: string, losses: Losses): Turn[] {
  const role = nameOf(message, 'role', at);
  const content = () => chatContentOf(message['content'] ?? null, `${at}.content`, losses);
  if ((message['name'] ?? null) !== null) losses.hint('messages.name');
  switch (role) {
    case 'system':
    case 'developer':
      return [{ role: 'system', parts: content() }];
    case 'user':
      return [{ role, parts: content() }];
    case 'assistant':
      losses.need(...saying(message, ['audio', 'function_call']).map((member) => `messages.${member}`));
      return [{ role, parts: [...content(), ...refusalOf(message), ...chatToolCallsOf(message, at)] }];
    case 'tool': {
      const callId = nameOf(message, 'tool_call_id', at);
      return [{ role: 'user', parts: [{ kind: 'tool-result', callId, content: content(), failed: false }] }];
    }
    case 'function':
      losses.need('messages.function');
      return [];
    default:
      return refuse(`${at}.role`, 'system, developer, user, assistant or tool');
  }
}

function refusalOf(message: JsonObject): Turn['parts'] {
  const { refusal } = message;
  return typeof refusal === 'string' && refusal !== '' ? [{ kind: 'text', text: refusal }] : [];
}

function outputFormatOf(format: JsonObject | null): OutputFormat | null {
  if (format === null || format['type'] === 'text') return null;
  if (format['type'] === 'json_object') return { name: 'answer', schema: null, strict: false };
  const schema = format['json_schema'];
  if (format['type'] !== 'json_schema' || !isJsonObject(schema)) return refuse('response_format', 'text, json_object or a json_schema');
  return {
    name: typeof schema['name'] === 'string' ? schema['name'] : 'answer',
    schema: isJsonObject(schema['schema']) ? schema['schema'] : {},
    strict: schema['strict'] === true,
  };
}
