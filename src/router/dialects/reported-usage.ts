// Reads a provider's token counts; what is not a whole number from 0 is taken as not reported.
import { isJsonObject } from '../http/read-body.js';
import type { BilledCost, TokenUsage } from './conversation.js';

export interface UsageMembers {
  readonly input: string;
  readonly output: string;
  /** Object and member of the reasoning tokens. */
  readonly reasoning?: readonly [string, string];
  readonly cached?: readonly [string, string];
}

export function usageOf(value: unknown, members: UsageMembers): TokenUsage | null {
  if (!isJsonObject(value)) return null;
  const input = countOf(value[members.input]);
  const output = countOf(value[members.output]);
  if (input === null || output === null) return null;
  return { input, output, reasoning: nested(value, members.reasoning), cached: nested(value, members.cached), billed: billedOf(value) };
}

function nested(value: Readonly<Record<string, unknown>>, path: readonly [string, string] | undefined): number {
  if (path === undefined) return 0;
  const inner = value[path[0]];
  return isJsonObject(inner) ? (countOf(inner[path[1]]) ?? 0) : 0;
}

/** What the provider bills, as OpenRouter publishes it in `usage`: `cost`, and its parts in `cost_details`, named by dialect. */
export function billedOf(value: Readonly<Record<string, unknown>>): BilledCost | null {
  const total = moneyOf(value['cost']);
  if (total === null) return null;
  const details = isJsonObject(value['cost_details']) ? value['cost_details'] : {};
  return {
    totalUsd: total,
    inputUsd: moneyOf(details['upstream_inference_prompt_cost'] ?? details['upstream_inference_input_cost']),
    outputUsd: moneyOf(details['upstream_inference_completions_cost'] ?? details['upstream_inference_output_cost']),
  };
}

export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function moneyOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
