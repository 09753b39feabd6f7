// Writes a conversation as chat messages. A chat provider wants the results of all calls right after the message that made them,
// and a result may hold text only: what else was said in between, and images of results, follow as a user's message.
import type { JsonObject } from '../../http/read-body.js';
import type { ContentPart, Part, ToolCallPart, ToolResultPart, Turn } from '../conversation.js';
import { urlOfImage } from '../images.js';
import { mergedTurns } from '../merged-turns.js';

export function chatMessagesOf(turns: readonly Turn[]): readonly JsonObject[] {
  const messages: JsonObject[] = [];
  let later: JsonObject[] = [];
  const unanswered = new Set<string>();
  const flush = (): void => {
    messages.push(...later);
    later = [];
  };
  for (const turn of mergedTurns(turns, new Set(['assistant'] as const))) {
    if (turn.role === 'assistant') {
      flush();
      unanswered.clear();
      messages.push(spokenBy(turn.parts));
      for (const part of turn.parts) if (part.kind === 'tool-call') unanswered.add(part.id);
      continue;
    }
    for (const part of turn.parts) {
      if (part.kind !== 'tool-result') continue;
      unanswered.delete(part.callId);
      messages.push(resultMessage(part));
      later.push(...imagesOf(part));
    }
    const said = turn.parts.filter(isContent);
    if (said.length > 0) later.push({ role: turn.role, content: turn.role === 'system' ? textOf(said) : contentOf(said) });
    if (unanswered.size === 0) flush();
  }
  flush();
  return messages;
}

function spokenBy(parts: readonly Part[]): JsonObject {
  const calls = parts.filter((part): part is ToolCallPart => part.kind === 'tool-call');
  const text = textOf(parts);
  const spoken = { role: 'assistant', content: text === '' && calls.length > 0 ? null : text };
  if (calls.length === 0) return spoken;
  const written = calls.map(({ id, name, arguments: json }) => ({ id, type: 'function', function: { name, arguments: json } }));
  return { ...spoken, tool_calls: written };
}

function resultMessage({ callId, content, failed }: ToolResultPart): JsonObject {
  const text = textOf(content);
  const hint = text === '' && content.length > 0 ? 'The result is an image; it follows.' : text;
  return { role: 'tool', tool_call_id: callId, content: failed ? `error: ${hint}` : hint };
}

function imagesOf({ callId, content }: ToolResultPart): JsonObject[] {
  const images = content.filter(({ kind }) => kind !== 'text');
  if (images.length === 0) return [];
  return [{ role: 'user', content: contentOf([{ kind: 'text', text: `Image of the result of the tool call ${callId}:` }, ...images]) }];
}

function isContent(part: Part): part is ContentPart {
  return part.kind === 'text' || part.kind === 'image' || part.kind === 'remote-image';
}

/** Several texts are paragraphs; glued together their words would run into each other. */
function textOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n');
}

function contentOf(parts: readonly ContentPart[]): unknown {
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'text') return only.text;
  return parts.map((part) => {
    if (part.kind === 'text') return { type: 'text', text: part.text };
    const detail = part.detail === null ? {} : { detail: part.detail };
    return { type: 'image_url', image_url: { url: urlOfImage(part), ...detail } };
  });
}
