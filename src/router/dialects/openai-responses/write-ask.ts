// Writes what is asked for a Responses provider: the caller's own body with its model replaced, or a new one from another dialect.
import type { JsonObject } from '../../http/read-body.js';
import type { Ask, ContentPart, Part, ToolResultPart, Turn } from '../conversation.js';
import type { WrittenFor } from '../dialect.js';
import { urlOfImage } from '../images.js';

export function writeResponsesAsk(ask: Ask, target: WrittenFor): JsonObject {
  if (ask.dialect === 'openai-responses') return { ...ask.body, model: target.model };
  // Left out, `store` would mean that the provider keeps what a caller of another dialect never agreed to have kept.
  const body: JsonObject = { model: target.model, input: ask.turns.flatMap(itemsOf), store: false };
  if (ask.stream) body['stream'] = true;
  if (ask.tools.length > 0) {
    body['tools'] = ask.tools.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      name,
      ...(description === null ? {} : { description }),
      parameters,
      // Left out, it would mean true.
      strict,
    }));
    if (ask.toolChoice !== 'auto')
      body['tool_choice'] = typeof ask.toolChoice === 'string' ? ask.toolChoice : { type: 'function', name: ask.toolChoice.name };
    if (ask.parallelTools !== null) body['parallel_tool_calls'] = ask.parallelTools;
  }
  if (ask.maxTokens !== null) body['max_output_tokens'] = ask.maxTokens;
  if (ask.temperature !== null) body['temperature'] = ask.temperature;
  if (ask.topP !== null) body['top_p'] = ask.topP;
  if (ask.outputFormat !== null) {
    const { name, schema, strict } = ask.outputFormat;
    body['text'] = { format: schema === null ? { type: 'json_object' } : { type: 'json_schema', name, schema, strict } };
  }
  return body;
}

/** Calls and results are items of their own here, beside the messages. */
function itemsOf({ role, parts }: Turn): JsonObject[] {
  const items: JsonObject[] = [];
  let content: ContentPart[] = [];
  const flush = (): void => {
    if (content.length > 0)
      items.push({ type: 'message', role, content: role === 'assistant' ? spokenText(content) : content.map(partOf) });
    content = [];
  };
  for (const part of parts) {
    if (part.kind === 'tool-call') {
      flush();
      items.push({ type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments });
    } else if (part.kind === 'tool-result') {
      flush();
      items.push({ type: 'function_call_output', call_id: part.callId, output: outputOf(part) });
    } else content.push(part);
  }
  flush();
  return items;
}

/** What a model said before may come back as a plain string; parts would have to carry the annotations of the time. */
function spokenText(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n');
}

function outputOf({ content, failed }: ToolResultPart): unknown {
  const told: readonly ContentPart[] = failed ? [{ kind: 'text', text: 'error:' }, ...content] : content;
  return told.every(({ kind }) => kind === 'text') ? spokenText(told) : told.map(partOf);
}

function partOf(part: ContentPart): JsonObject {
  if (part.kind === 'text') return { type: 'input_text', text: part.text };
  return { type: 'input_image', image_url: urlOfImage(part), detail: part.detail ?? 'auto' };
}
