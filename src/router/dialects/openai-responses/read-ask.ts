// Reads what a caller asks in the Responses dialect. Strict where the router relies on a shape; the body itself travels on.
// Source: the OpenAI API reference, "Create a model response".
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Ask, OutputFormat, Turn } from '../conversation.js';
import { Losses } from '../losses.js';
import { capOf, flagOf, modelOf, numberOf, objectOf, refuse, saying, textOf } from '../members.js';
import { ResponsesInput } from './read-input.js';
import { ResponsesTools, responsesToolChoiceOf } from './read-tools.js';

/** Members that the answer depends on and no other dialect can say: state at the provider, and details of its tokens. */
const nativeMembers = ['previous_response_id', 'conversation', 'prompt', 'top_logprobs', 'moderation', 'store'] as const;
const harmless = { top_logprobs: [0], store: [false] };
/** Members without which the answer is still the one that was asked for: they tune, label or speed it up. */
const advisoryMembers = [
  'metadata',
  'client_metadata',
  'reasoning',
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'truncation',
  'context_management',
  'max_tool_calls',
  'stream_options',
] as const;
const known: ReadonlySet<string> = new Set([
  ...nativeMembers,
  ...advisoryMembers,
  ...['model', 'input', 'instructions', 'stream', 'background', 'include', 'tools', 'tool_choice', 'parallel_tool_calls'],
  ...['max_output_tokens', 'temperature', 'top_p', 'text'],
]);

export function readResponsesAsk(body: JsonObject): Ask {
  const model = modelOf(body);
  if (flagOf(body, 'background') === true) refuse('background', 'false or left out, since the router keeps no answers to come back for');
  if (saying(body, ['input', 'prompt', 'conversation', 'previous_response_id']).length === 0)
    refuse('input', 'a string or an array with at least one item');
  const losses = new Losses('openai-responses');
  const tools = new ResponsesTools(losses);
  tools.add(body['tools'] ?? [], 'tools');
  const input = new ResponsesInput(tools, losses).turnsOf(body['input'] ?? null);
  const text = objectOf(body, 'text');
  const said = {
    model,
    stream: flagOf(body, 'stream') === true,
    wantsStreamUsage: true,
    turns: [...instructionsOf(body), ...input],
    tools: tools.all(),
    toolChoice: responsesToolChoiceOf(body['tool_choice'] ?? null, losses),
    parallelTools: flagOf(body, 'parallel_tool_calls'),
    answers: 1,
    maxTokens: capOf(body, 'max_output_tokens'),
    temperature: numberOf(body, 'temperature'),
    topP: numberOf(body, 'top_p'),
    stop: [],
    outputFormat: text === null ? null : outputFormatOf(text),
  };
  losses.needChoice(said.toolChoice, said.tools);
  losses.need(...saying(body, nativeMembers, harmless));
  losses.hint(...saying(body, advisoryMembers, { truncation: ['disabled'] }));
  if ((text?.['verbosity'] ?? null) !== null) losses.hint('text.verbosity');
  readIncluded(body, losses);
  losses.hintUnknown(body, known);
  return { dialect: 'openai-responses', body, ...said, ...losses.lists() };
}

/** What shall be told beside the answer; only probabilities of its tokens are part of what was asked. */
function readIncluded(body: JsonObject, losses: Losses): void {
  const include = body['include'] ?? [];
  if (!Array.isArray(include) || !include.every((each): each is string => typeof each === 'string'))
    return refuse('include', 'an array of strings');
  for (const each of include) {
    if (each === 'message.output_text.logprobs') losses.need(`include.${each}`);
    else losses.hint(`include.${each}`);
  }
}

function instructionsOf(body: JsonObject): Turn[] {
  const text = textOf(body, 'instructions');
  return text === null || text === '' ? [] : [{ role: 'system', parts: [{ kind: 'text', text }] }];
}

function outputFormatOf(text: JsonObject): OutputFormat | null {
  const format = objectOf(text, 'format');
  if (format === null || format['type'] === 'text') return null;
  if (format['type'] === 'json_object') return { name: 'answer', schema: null, strict: false };
  if (format['type'] !== 'json_schema' || !isJsonObject(format['schema']))
    return refuse('text.format', 'text, json_object or a json_schema');
  return {
    name: typeof format['name'] === 'string' ? format['name'] : 'answer',
    schema: format['schema'],
    strict: format['strict'] === true,
  };
}
