// Joins turns of the same speaker. The Responses dialect makes an item of every call and every result; the other two want all
// calls of one answer in one message, and all their results right after it.
import type { Turn } from './conversation.js';

export function mergedTurns(turns: readonly Turn[], roles: ReadonlySet<Turn['role']>): readonly Turn[] {
  const merged: Turn[] = [];
  for (const turn of turns) {
    const last = merged.at(-1);
    if (last !== undefined && last.role === turn.role && roles.has(turn.role))
      merged[merged.length - 1] = { role: turn.role, parts: [...last.parts, ...turn.parts] };
    else merged.push(turn);
  }
  return merged;
}
