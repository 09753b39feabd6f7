// Anthropic Messages. Source: the Anthropic API reference, "Messages", "Streaming messages" and "Errors".
import type { GatewayError } from '../../gateway-error.js';
import type { JsonObject } from '../../http/read-body.js';
import type { Dialect } from '../dialect.js';
import { anthropicErrorType } from '../error-types.js';
import { refuse } from '../members.js';
import { sseEvent } from '../sse-event.js';
import { readMessagesAsk } from './read-ask.js';
import { readMessagesReply } from './read-reply.js';
import { MessagesStreamReader } from './stream-reader.js';
import { MessagesStreamWriter } from './stream-writer.js';
import { unsaidInMessages } from './unsaid.js';
import { writeMessagesAsk } from './write-ask.js';
import { writeMessagesReply } from './write-reply.js';

export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  path: '/messages',
  requestIdHeader: 'Request-Id',
  readAsk: (body) => {
    if ((body['max_tokens'] ?? null) === null) refuse('max_tokens', 'a whole number from 1');
    return readMessagesAsk(body);
  },
  unsaid: unsaidInMessages,
  writeAsk: writeMessagesAsk,
  readReply: readMessagesReply,
  writeReply: writeMessagesReply,
  streamReader: () => new MessagesStreamReader(),
  streamWriter: (frame) => new MessagesStreamWriter(frame),
  errorBody: messagesError,
  errorEvent: (error, requestId) => sseEvent(messagesError(error, requestId)),
};

function messagesError(error: GatewayError, requestId: string): JsonObject & { readonly type: 'error' } {
  const { message, code, details, status } = error;
  return {
    type: 'error',
    error: { type: anthropicErrorType(status), message, code, ...(details === null ? {} : { details }) },
    request_id: requestId,
  };
}
