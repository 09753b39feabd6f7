// Writes a conversation as messages of the Messages dialect: speakers take turns, results come first in the message right after
// the calls, and what the system says stands apart. A system message from the middle of another dialect's conversation goes there
// too: it keeps its authority, and never comes between calls and their results.
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../http/read-body.js';
import type { ContentPart, Part, Turn } from '../conversation.js';
import { mergedTurns } from '../merged-turns.js';
import { argumentsObject } from '../tool-arguments.js';

export function systemTextOf(turns: readonly Turn[]): string {
  const parts = turns.flatMap((turn) => (turn.role === 'system' ? turn.parts : []));
  return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n');
}

export function messagesOf(turns: readonly Turn[]): readonly JsonObject[] {
  const spoken = turns.filter(({ role }) => role !== 'system');
  return mergedTurns(spoken, new Set(['user', 'assistant'] as const)).flatMap(({ role, parts }) => {
    const results = parts.filter(({ kind }) => kind === 'tool-result');
    const others = parts.filter(({ kind }) => kind !== 'tool-result');
    const content = [...results, ...others].flatMap(blockOf);
    return content.length === 0 ? [] : [{ role, content }];
  });
}

function blockOf(part: Part): JsonObject[] {
  switch (part.kind) {
    case 'tool-call': {
      const { id, name, arguments: text } = part;
      return [{ type: 'tool_use', id: toolUseId(id), name, input: argumentsObject(text) }];
    }
    case 'tool-result': {
      const { callId, content, failed } = part;
      const blocks = content.flatMap(contentBlockOf);
      return [{ type: 'tool_result', tool_use_id: toolUseId(callId), content: blocks, ...(failed ? { is_error: true } : {}) }];
    }
    case 'text':
    case 'image':
    case 'remote-image':
      return contentBlockOf(part);
  }
}

/** The dialect refuses a block of text that is empty. */
function contentBlockOf(part: ContentPart): JsonObject[] {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      return [{ type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.base64 } }];
    case 'remote-image':
      return [{ type: 'image', source: { type: 'url', url: part.url } }];
  }
}

/** Ids of other dialects may hold what this one refuses; the same id is always replaced by the same. */
function toolUseId(id: string): string {
  if (/^[\w-]+$/.test(id)) return id;
  return `toolu_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;
}
