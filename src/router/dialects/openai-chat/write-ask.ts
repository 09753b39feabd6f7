// Writes what is asked for a chat provider: the caller's own body with few changes, or a new one from another dialect.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Ask } from '../conversation.js';
import type { WrittenFor } from '../dialect.js';
import { chatMessagesOf } from './write-messages.js';

export function writeChatAsk(ask: Ask, target: WrittenFor): JsonObject {
  const body = ask.dialect === 'openai-chat' ? own({ ...ask.body, model: target.model }, target) : translated(ask, target);
  if (!ask.stream) return body;
  // Streams are always asked for their usage, so that a streamed answer costs what the same plain one costs.
  const options = isJsonObject(body['stream_options']) ? body['stream_options'] : {};
  return { ...body, stream: true, stream_options: { ...options, include_usage: true } };
}

/** The caller's own body; where the target wants its cap under the newer name, it gets it there. */
function own(body: JsonObject, { outputTokenField }: WrittenFor): JsonObject {
  const { max_tokens: cap, ...rest } = body;
  if (outputTokenField !== 'max_completion_tokens' || (cap ?? null) === null) return body;
  return { ...rest, max_completion_tokens: rest['max_completion_tokens'] ?? cap };
}

function translated(ask: Ask, target: WrittenFor): JsonObject {
  const body: JsonObject = { model: target.model, messages: chatMessagesOf(ask.turns) };
  if (ask.tools.length > 0) {
    body['tools'] = ask.tools.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      function: { name, ...(description === null ? {} : { description }), parameters, ...(strict ? { strict } : {}) },
    }));
    if (ask.toolChoice !== 'auto')
      body['tool_choice'] =
        typeof ask.toolChoice === 'string' ? ask.toolChoice : { type: 'function', function: { name: ask.toolChoice.name } };
    if (ask.parallelTools !== null) body['parallel_tool_calls'] = ask.parallelTools;
  }
  if (ask.maxTokens !== null) body[target.outputTokenField] = ask.maxTokens;
  if (ask.temperature !== null) body['temperature'] = ask.temperature;
  if (ask.topP !== null) body['top_p'] = ask.topP;
  if (ask.stop.length > 0) body['stop'] = ask.stop;
  if (ask.outputFormat !== null) {
    const { name, schema, strict } = ask.outputFormat;
    body['response_format'] = schema === null ? { type: 'json_object' } : { type: 'json_schema', json_schema: { name, schema, strict } };
  }
  return body;
}
