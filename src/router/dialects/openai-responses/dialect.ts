// OpenAI Responses. Source: the OpenAI API reference, "Responses" and "Streaming events"; Codex adds nothing of its own to it.
import type { GatewayError } from '../../gateway-error.js';
import type { Ask } from '../conversation.js';
import type { Dialect, ToldSoFar, Unsaid } from '../dialect.js';
import { openAiErrorType } from '../error-types.js';
import { openAiErrorBody } from '../openai-error-body.js';
import { sseEvent } from '../sse-event.js';
import { readResponsesAsk } from './read-ask.js';
import { readResponsesReply } from './read-reply.js';
import { responseId } from './response-object.js';
import { ResponsesStreamReader } from './stream-reader.js';
import { ResponsesStreamWriter } from './stream-writer.js';
import { writeResponsesAsk } from './write-ask.js';
import { writeResponsesReply } from './write-reply.js';

export const openAiResponses: Dialect = {
  name: 'openai-responses',
  path: '/responses',
  requestIdHeader: null,
  readAsk: readResponsesAsk,
  unsaid,
  writeAsk: writeResponsesAsk,
  readReply: readResponsesReply,
  writeReply: writeResponsesReply,
  streamReader: () => new ResponsesStreamReader(),
  streamWriter: (frame) => new ResponsesStreamWriter(frame),
  errorBody: openAiErrorBody,
  errorEvent: failedEvent,
};

/** The dialect has no stop sequences. */
function unsaid({ dialect, stop }: Ask): Unsaid {
  const member = dialect === 'anthropic-messages' ? 'stop_sequences' : 'stop';
  return { needs: stop.length > 0 ? [`${dialect}:${member}`] : [], hints: [] };
}

/** Clients of this dialect pass a bare `error` event over and wait for the terminal one; `response.failed` they understand. */
function failedEvent(error: GatewayError, requestId: string, told?: ToldSoFar): string {
  const { code, message, status } = error;
  const response = {
    id: told?.responseId ?? responseId(requestId),
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'failed',
    error: { code, message, type: openAiErrorType(status), request_id: requestId },
    incomplete_details: null,
    output: [],
  };
  return sseEvent({ type: 'response.failed', sequence_number: told?.sequence ?? 0, response });
}
