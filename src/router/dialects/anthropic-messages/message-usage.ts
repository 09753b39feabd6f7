// Token counts of the Messages dialect. It counts tokens from and for its cache apart from the input; the router and the other
// dialects count them as input, so that one request costs the same on every surface.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { TokenUsage } from '../conversation.js';
import { billedOf, countOf } from '../reported-usage.js';

/** `parts` in the order they came: a stream tells some counts at its beginning and the others, or newer ones, at its end. */
export function readMessageUsage(...parts: readonly unknown[]): TokenUsage | null {
  const usage = merged(parts);
  const input = inputOf(usage);
  const output = countOf(usage['output_tokens']);
  if (input === null || output === null) return null;
  const details = isJsonObject(usage['output_tokens_details']) ? usage['output_tokens_details'] : {};
  const reasoning = countOf(details['thinking_tokens']) ?? 0;
  return { input, output, reasoning, cached: countOf(usage['cache_read_input_tokens']) ?? 0, billed: billedOf(usage) };
}

/** The input of an answer that begins; null when it is not counted yet, which some providers spell as 0. */
export function readMessageInput(startUsage: unknown): number | null {
  const input = isJsonObject(startUsage) ? inputOf(startUsage) : null;
  return input === 0 ? null : input;
}

function merged(parts: readonly unknown[]): JsonObject {
  const usage: JsonObject = {};
  for (const part of parts)
    if (isJsonObject(part)) for (const [member, value] of Object.entries(part)) if (value !== null) usage[member] = value;
  return usage;
}

function inputOf(usage: JsonObject): number | null {
  const fresh = countOf(usage['input_tokens']);
  if (fresh === null) return null;
  return fresh + (countOf(usage['cache_read_input_tokens']) ?? 0) + (countOf(usage['cache_creation_input_tokens']) ?? 0);
}

/** Zero counts where nobody counted: clients of this dialect demand the member. */
export function writeMessageUsage(usage: TokenUsage | null): JsonObject {
  const { input = 0, output = 0, cached = 0, reasoning = 0 } = usage ?? {};
  return {
    input_tokens: Math.max(0, input - cached),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: reasoning },
  };
}
