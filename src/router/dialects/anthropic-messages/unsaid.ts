// What the Messages dialect has no words for when an ask came in another one.
import type { Ask, Part } from '../conversation.js';
import type { Unsaid } from '../dialect.js';

export function unsaidInMessages(ask: Ask): Unsaid {
  const { dialect, outputFormat, temperature, turns } = ask;
  const needs: string[] = [];
  const hints: string[] = [];
  // Only an answer after a schema can be asked for; "any JSON" cannot.
  if (outputFormat !== null && outputFormat.schema === null) needs.push(`${dialect}:json_object`);
  const first = turns.find(({ role, parts }) => role !== 'system' && parts.some(saysSomething));
  if (first === undefined) needs.push(`${dialect}:system-only`);
  else if (first.role === 'assistant') needs.push(`${dialect}:assistant-first`);
  if (temperature !== null && temperature > 1) hints.push('temperature above 1');
  const looked = turns.some(({ parts }) =>
    parts.some((part) => {
      const inner = part.kind === 'tool-result' ? part.content : [part];
      return inner.some((each) => (each.kind === 'image' || each.kind === 'remote-image') && (each.detail ?? 'auto') !== 'auto');
    }),
  );
  if (looked) hints.push('image detail');
  return { needs, hints };
}

/** The dialect refuses text that is empty, so it is left out. */
function saysSomething(part: Part): boolean {
  return part.kind !== 'text' || part.text !== '';
}
