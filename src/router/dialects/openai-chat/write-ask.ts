// Writes what is asked for a chat provider: the caller's own body with few changes, or a new one from another dialect.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Ask, ImagePart, Part, RemoteImagePart, TextPart, ToolCallPart, Turn } from '../conversation.js';
import type { WrittenFor } from '../dialect.js';
import { urlOfImage } from '../images.js';

export function writeChatAsk(ask: Ask, target: WrittenFor): JsonObject {
  const body = ask.dialect === 'openai-chat' ? { ...ask.body, model: target.model } : translated(ask, target);
  if (!ask.stream) return body;
  // Streams are always asked for their usage, so that a streamed answer costs what the same plain one costs.
  const options = isJsonObject(body['stream_options']) ? body['stream_options'] : {};
  return { ...body, stream: true, stream_options: { ...options, include_usage: true } };
}

function translated(ask: Ask, target: WrittenFor): JsonObject {
  const body: JsonObject = { model: target.model, messages: ask.turns.flatMap(messagesOf) };
  if (ask.tools.length > 0) {
    body['tools'] = ask.tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, ...(description === null ? {} : { description }), parameters },
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

/** Tool results are messages of their own here, and come before what else their turn says. */
function messagesOf({ role, parts }: Turn): JsonObject[] {
  if (role === 'system') return [{ role, content: parts.map((part) => (part.kind === 'text' ? part.text : '')).join('') }];
  if (role === 'assistant') {
    const calls = parts.filter((part): part is ToolCallPart => part.kind === 'tool-call');
    const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    const spoken = { role, content: text === '' && calls.length > 0 ? null : text };
    return [calls.length === 0 ? spoken : { ...spoken, tool_calls: calls.map(toolCallOf) }];
  }
  const results = parts.flatMap((part) => (part.kind === 'tool-result' ? resultMessages(part) : []));
  const said = parts.filter((part) => part.kind === 'text' || part.kind === 'image' || part.kind === 'remote-image');
  return said.length === 0 ? results : [...results, { role, content: contentOf(said) }];
}

/** A chat tool message holds text only; images of a result follow in a user message. */
function resultMessages(result: Extract<Part, { kind: 'tool-result' }>): JsonObject[] {
  const text = result.content.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  const images = result.content.filter((part) => part.kind !== 'text');
  const message = { role: 'tool', tool_call_id: result.callId, content: result.failed ? `error: ${text}` : text };
  return images.length === 0 ? [message] : [message, { role: 'user', content: contentOf(images) }];
}

function contentOf(parts: readonly (TextPart | ImagePart | RemoteImagePart)[]): unknown {
  if (parts.every((part) => part.kind === 'text')) return parts.map(({ text }) => text).join('');
  return parts.map((part) =>
    part.kind === 'text' ? { type: 'text', text: part.text } : { type: 'image_url', image_url: { url: urlOfImage(part) } },
  );
}

function toolCallOf({ id, name, arguments: text }: ToolCallPart): JsonObject {
  return { id, type: 'function', function: { name, arguments: text } };
}
