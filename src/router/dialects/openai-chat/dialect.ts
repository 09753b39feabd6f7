// OpenAI Chat Completions. Source: the OpenAI API reference, "Chat Completions" and "Streaming".
import type { GatewayError } from '../../gateway-error.js';
import type { JsonObject } from '../../http/read-body.js';
import type { Dialect } from '../dialect.js';
import { openAiErrorType } from '../error-types.js';
import { readChatAsk } from './read-ask.js';
import { readChatReply } from './read-reply.js';
import { ChatStreamReader } from './stream-reader.js';
import { ChatStreamWriter } from './stream-writer.js';
import { writeChatAsk } from './write-ask.js';
import { writeChatReply } from './write-reply.js';

export const openAiChat: Dialect = {
  name: 'openai-chat',
  path: '/chat/completions',
  readAsk: readChatAsk,
  writeAsk: writeChatAsk,
  readReply: readChatReply,
  writeReply: writeChatReply,
  streamReader: (ask) => new ChatStreamReader(ask.wantsStreamUsage),
  streamWriter: (frame) => new ChatStreamWriter(frame),
  errorBody: chatErrorBody,
  errorEvent: (error, requestId) => `data: ${JSON.stringify(chatErrorBody(error, requestId))}\n\n`,
};

export function chatErrorBody(error: GatewayError, requestId: string): JsonObject {
  return {
    error: {
      message: error.message,
      type: openAiErrorType(error.status),
      code: error.code,
      param: null,
      request_id: requestId,
      ...(error.details === null ? {} : { details: error.details }),
    },
  };
}
