// Reads a provider's whole answer of the Responses dialect.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { Reply, StopReason, TextPart, TokenUsage, ToolCallPart } from '../conversation.js';
import { failureOf, statedFailure, unreadable } from '../provider-failure.js';
import { usageOf } from '../reported-usage.js';
import { freeformArguments } from '../tool-arguments.js';
import { plainToolName } from '../tool-names.js';

export function readResponsesReply(body: unknown): Reply {
  const what = 'did not answer with a response';
  if (!isJsonObject(body)) throw unreadable(what);
  const failure = statedFailure(body) ?? (body['status'] === 'failed' ? failureOf(null) : null);
  if (failure !== null) throw failure;
  if (!Array.isArray(body['output'])) throw unreadable(what);
  const parts = partsOfOutput(body['output']);
  return {
    parts,
    stop: stopReasonOf(
      body,
      parts.some(({ kind }) => kind === 'tool-call'),
    ),
    stopSequence: null,
    usage: responsesUsageOf(body['usage']),
  };
}

/** Items of tools that the provider ran say nothing to a caller of another dialect, who could not offer them. */
export function partsOfOutput(output: readonly unknown[]): (TextPart | ToolCallPart)[] {
  return output.flatMap((item) => (isJsonObject(item) ? partsOfItem(item) : []));
}

export function partsOfItem(item: JsonObject): (TextPart | ToolCallPart)[] {
  const { type, call_id: id, name, namespace } = item;
  if (type === 'message') return textsOf(item['content']).map((text) => ({ kind: 'text', text }));
  if (type !== 'function_call' && type !== 'custom_tool_call') return [];
  const text = item[type === 'function_call' ? 'arguments' : 'input'];
  if (typeof id !== 'string' || typeof name !== 'string' || typeof text !== 'string')
    throw unreadable('called a tool without id, name or arguments');
  const plain = plainToolName(typeof namespace === 'string' ? namespace : null, name);
  return [{ kind: 'tool-call', id, name: plain, arguments: type === 'function_call' ? text : freeformArguments(text) }];
}

function textsOf(content: unknown): string[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) => {
    const text = isJsonObject(part) ? (part['text'] ?? part['refusal']) : null;
    return typeof text === 'string' && text !== '' ? [text] : [];
  });
}

export function responsesUsageOf(usage: unknown): TokenUsage | null {
  return usageOf(usage, {
    input: 'input_tokens',
    output: 'output_tokens',
    reasoning: ['output_tokens_details', 'reasoning_tokens'],
    cached: ['input_tokens_details', 'cached_tokens'],
  });
}

export function stopReasonOf(response: JsonObject, calls: boolean): StopReason {
  const details = isJsonObject(response['incomplete_details']) ? response['incomplete_details'] : {};
  if (details['reason'] === 'content_filter' || refuses(response['output'])) return 'content-filter';
  if (response['status'] === 'incomplete') return 'length';
  return calls ? 'tool-calls' : 'end';
}

function refuses(output: unknown): boolean {
  if (!Array.isArray(output)) return false;
  return output.some((item: unknown) => {
    const content: unknown = isJsonObject(item) ? item['content'] : null;
    return Array.isArray(content) && content.some((part: unknown) => isJsonObject(part) && part['type'] === 'refusal');
  });
}
