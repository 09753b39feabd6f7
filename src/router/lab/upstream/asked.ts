// What a request asks, whichever dialect it came in: the question, the pictures, the offered tools and what earlier calls
// brought. Everything is read from the body alone, so that a request that is sent again gets the same answer.
import type { JsonObject } from './json-object.js';
import { UpstreamRefusal } from './upstream-refusal.js';

export interface Picture {
  /** `remote` for one that the provider would have to fetch. */
  readonly mediaType: string;
  readonly base64: string;
}

export interface Outcome {
  readonly callId: string;
  readonly text: string;
  readonly pictures: readonly Picture[];
}

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly texts: readonly string[];
  readonly pictures: readonly Picture[];
  /** Calls that the assistant made: ids, and name and arguments in one text to be counted. */
  readonly calls: readonly { readonly id: string; readonly text: string }[];
  readonly outcomes: readonly Outcome[];
}

export interface OfferedTool {
  readonly name: string;
  readonly namespace: string | null;
  /** JSON Schema of the arguments; null for a tool that takes free text. */
  readonly schema: JsonObject | null;
  readonly description: string;
}

export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  /** Chat only: the token counts are wanted at the end of the stream. */
  readonly streamsUsage: boolean;
  readonly turns: readonly Turn[];
  readonly tools: readonly OfferedTool[];
  /** Types of tools that the provider itself would run; never called here. */
  readonly hostedTools: readonly string[];
  /** JSON text of all tools, to be counted. */
  readonly toolText: string;
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly parallel: boolean;
  readonly cap: number | null;
  readonly stops: readonly string[];
  /** `any` for any JSON object; null for free text. */
  readonly format: JsonObject | 'any' | null;
  /** How many answers, chat only. */
  readonly choices: number;
  /** The caller marked something for the prompt cache, or the dialect caches by itself. */
  readonly caches: boolean;
}

/** The text that is asked now: of the last turn of the user that says anything, without what clients put around it. */
export function questionOf({ turns }: Asked): string {
  const users = turns.filter(({ role, outcomes }) => role === 'user' && outcomes.length === 0);
  const spoken = (users.length > 0 ? users : turns).map(({ texts }) => texts.map(withoutReminders).join(''));
  return spoken.filter((text) => text.trim() !== '').at(-1) ?? '';
}

/** Pictures of the last turn of the user. */
export function picturesOf({ turns }: Asked): readonly Picture[] {
  return turns.filter(({ role, outcomes }) => role === 'user' && outcomes.length === 0).at(-1)?.pictures ?? [];
}

/** What the calls brought since the assistant last spoke without calling. */
export function outcomesOf({ turns }: Asked): readonly Outcome[] {
  const spoke = turns.findLastIndex(({ role, calls }) => role === 'assistant' && calls.length === 0);
  return turns.slice(spoke + 1).flatMap(({ outcomes }) => outcomes);
}

/** Pictures that follow what the calls brought: how a dialect says it whose tool results hold no pictures. */
export function picturesAfterOutcomes({ turns }: Asked): readonly Picture[] {
  const last = turns.findLastIndex(({ outcomes }) => outcomes.length > 0);
  return last < 0 ? [] : turns.slice(last + 1).flatMap(({ pictures }) => pictures);
}

/**
 * Every outcome must belong to an earlier call, and every call must have its outcome.
 * @param atOnce the outcomes must follow their calls directly, as the chat and Anthropic dialects demand
 * @throws UpstreamRefusal
 */
export function demandPairs(turns: readonly Turn[], atOnce: boolean): void {
  const open = new Set<string>();
  for (const { calls, outcomes, role } of turns) {
    if (atOnce && open.size > 0 && outcomes.length === 0 && role !== 'system')
      throw new UpstreamRefusal('the results of tool calls must follow the calls directly');
    for (const { callId } of outcomes)
      if (!open.delete(callId)) throw new UpstreamRefusal('a tool result belongs to no tool call before it');
    for (const { id } of calls) open.add(id);
  }
  if (open.size > 0) throw new UpstreamRefusal('a tool call has no result');
}

function withoutReminders(text: string): string {
  return text.replace(/<(system-reminder|environment_context|user_instructions)>[\s\S]*?<\/\1>/g, '');
}
