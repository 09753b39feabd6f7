// Reads what a caller asks in the Messages dialect. Strict where the router relies on a shape; the body itself travels on.
// Source: the Anthropic API reference, "Create a message".
import { GatewayError } from '../../gateway-error.js';
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Ask, OutputFormat, Turn } from '../conversation.js';
import { Losses } from '../losses.js';
import { capOf, flagOf, listOf, modelOf, nameOf, numberOf, objectOf, refuse, saying, wordsOf } from '../members.js';
import { MessagesContent, messagesContentOf } from './read-content.js';
import { messagesToolChoiceOf, messagesToolsOf } from './read-tools.js';

/** State at the provider. */
const nativeMembers = ['container'] as const;
/**
 * Members without which the answer is still the one that was asked for: they tune, label or speed it up. How much a model thinks
 * before it answers is among them; agents ask for it with every request.
 */
const advisoryMembers = [
  'metadata',
  'service_tier',
  'speed',
  'inference_geo',
  'diagnostics',
  'user_profile_id',
  'workspace_id',
  'cache_control',
  'context_management',
  'thinking',
  'top_k',
] as const;
const known: ReadonlySet<string> = new Set([
  ...nativeMembers,
  ...advisoryMembers,
  ...['model', 'messages', 'system', 'stream', 'tools', 'tool_choice', 'max_tokens', 'temperature', 'top_p', 'stop_sequences'],
  ...['output_config', 'output_format', 'mcp_servers', 'thread', 'betas'],
]);

/** Also of a body whose tokens are only counted, which has no cap. @throws GatewayError as a dialect's `readAsk` does */
export function readMessagesAsk(body: JsonObject): Ask {
  const model = modelOf(body);
  refuseThread(body['thread'] ?? null);
  const messages = listOf(body, 'messages');
  if (messages.length === 0) refuse('messages', 'an array with at least one message');
  const losses = new Losses('anthropic-messages');
  const content = new MessagesContent(losses);
  const config = objectOf(body, 'output_config');
  const choice = messagesToolChoiceOf(objectOf(body, 'tool_choice'), losses);
  const said = {
    model,
    stream: flagOf(body, 'stream') === true,
    wantsStreamUsage: true,
    turns: [...systemOf(body['system'] ?? null, content), ...messages.map((message, index) => turnOf(message, index, content))],
    tools: messagesToolsOf(body, losses),
    toolChoice: choice.toolChoice,
    parallelTools: choice.parallelTools,
    answers: 1,
    maxTokens: capOf(body, 'max_tokens'),
    temperature: numberOf(body, 'temperature'),
    topP: numberOf(body, 'top_p'),
    stop: wordsOf(body, 'stop_sequences'),
    outputFormat: outputFormatOf(objectOf(body, 'output_format') ?? (config === null ? null : objectOf(config, 'format'))),
  };
  losses.needChoice(said.toolChoice, said.tools);
  losses.need(...saying(body, nativeMembers));
  losses.hint(...saying(body, advisoryMembers), ...saying(config ?? {}, ['effort']).map((member) => `output_config.${member}`));
  losses.host(...saying(body, ['mcp_servers']));
  losses.hintUnknown(body, known);
  return { dialect: 'anthropic-messages', body, ...said, ...losses.lists() };
}

/**
 * A thread is kept by one provider; a request that goes on with it holds only what is new, and the next may go to another target.
 * The official SDK sends the whole conversation again when it is told so by this code.
 */
function refuseThread(thread: unknown): void {
  if (thread === null || thread === false) return;
  throw new GatewayError('thread-unsupported', '"thread" is not served here: send the whole conversation in "messages"', {
    details: { error_code: 'thread_unsupported_request' },
  });
}

function systemOf(system: unknown, content: MessagesContent): Turn[] {
  const parts = messagesContentOf(content, system, 'system');
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

/** A system message may also stand between the others. */
function turnOf(message: JsonObject, index: number, content: MessagesContent): Turn {
  const at = `messages[${index}]`;
  const role = nameOf(message, 'role', at);
  if (role !== 'user' && role !== 'assistant' && role !== 'system') return refuse(`${at}.role`, 'user, assistant or system');
  return { role, parts: messagesContentOf(content, message['content'] ?? null, `${at}.content`) };
}

function outputFormatOf(format: JsonObject | null): OutputFormat | null {
  if (format === null) return null;
  if (format['type'] !== 'json_schema' || !isJsonObject(format['schema'])) return refuse('output_config.format', 'a json_schema');
  return { name: 'answer', schema: format['schema'], strict: true };
}
