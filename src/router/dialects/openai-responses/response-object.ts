// The response object of the Responses dialect, whole and in the events that begin and end a stream.
// Source: the OpenAI API reference, "The response object".
import type { JsonObject } from '../../http/read-body.js';
import type { StopReason, TokenUsage } from '../conversation.js';
import type { ReplyFrame } from '../dialect.js';

export interface ResponseEnd {
  readonly stop: StopReason;
  readonly usage: TokenUsage | null;
}

/** In progress without an end. The provider of another dialect kept nothing, and the response says so. */
export function responseObject(frame: ReplyFrame, output: readonly JsonObject[], end: ResponseEnd | null): JsonObject {
  const { body, maxTokens, temperature, topP } = frame.ask;
  const reason = end === null ? null : incompleteReason(end.stop);
  return {
    id: responseId(frame.requestId),
    object: 'response',
    created_at: frame.createdS,
    status: end === null ? 'in_progress' : reason === null ? 'completed' : 'incomplete',
    background: false,
    error: null,
    incomplete_details: reason === null ? null : { reason },
    instructions: body['instructions'] ?? null,
    max_output_tokens: maxTokens,
    metadata: body['metadata'] ?? {},
    model: frame.model,
    output,
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: topP,
    truncation: 'disabled',
    usage: end?.usage == null ? null : responsesUsage(end.usage),
  };
}

export function responseId(requestId: string): string {
  return `resp_${requestId.replace(/^req_/, '')}`;
}

/** Null for an answer that is whole. */
export function incompleteReason(stop: StopReason): 'max_output_tokens' | 'content_filter' | null {
  if (stop === 'length') return 'max_output_tokens';
  return stop === 'content-filter' ? 'content_filter' : null;
}

function responsesUsage({ input, output, cached, reasoning }: TokenUsage): JsonObject {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
